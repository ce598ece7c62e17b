import { expect, test } from "vitest";
import { servicePage, type Visit } from "./service-page.ts";
import type { Service } from "../sessions/service.ts";

const EVIL = `<img src=x onerror="alert(1)"><form action=//evil>&amp;`;
const visit: Visit = { url: "http://localhost:1/mcp", hub: "/", asksForToken: false, isHere: true };
const page = (state: Partial<Service>, as: Partial<Visit> = {}) =>
  servicePage({ name: "memory", state: "up", version: "1", tools: 9, remedy: "", ...state } as Service, {
    ...visit,
    ...as,
  });

test("a stranger to a service that asks for a token learns neither how many tools it has nor why it failed", () => {
  const stranger = { asksForToken: true, isHere: false };
  expect(page({}, stranger)).not.toContain("9 tools");
  expect(page({}, { ...stranger, isHere: true })).toContain("9 tools");
  expect(page({ state: "failed", error: "at /home/me" }, stranger)).not.toContain("/home/me");
});

test("what is missing is told with what to do about it", () => {
  const html = page({ state: "needs", needs: "A_KEY", remedy: "Add A_KEY=... to .env." });
  expect(html).toContain("It needs A_KEY. Add A_KEY=... to .env.");
});

test("text from a server, the configuration or the request is escaped", () => {
  for (const html of [
    page({ state: "failed", error: EVIL }),
    page({ state: "needs", needs: EVIL, remedy: EVIL }),
    page({ version: EVIL }),
    page({ name: EVIL }),
    page({}, { url: EVIL, hub: EVIL }),
  ])
    expect(html).not.toMatch(/<img|<form/);
});

test("a name that a shell or a client could misread is not in the lines to copy", () => {
  expect(page({ name: "a b; c" })).toContain("claude mcp add --transport http server http://localhost:1/mcp");
});
