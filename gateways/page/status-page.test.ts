import { expect, test } from "vitest";
import type { Service } from "../sessions/service.ts";
import { statusPage } from "./status-page.ts";

const EVIL = `<img src=x onerror="alert(1)"><form action=//evil>&amp;`;
const page = (state: Partial<Service>, url = "http://hub/memory/mcp") =>
  statusPage([{ name: "memory", state: "up", ...state } as Service], () => ({ url, hubUrl: url }), {
    knowsMore: () => true,
    all: "http://hub/mcp",
  });

test("each service has a row with its state, tools and URL", () => {
  const html = page({ tools: 9 });
  for (const text of ["memory", ">up<", ">9<", "http://hub/memory/mcp"]) expect(html).toContain(text);
});

test("the URL of all services as one is told where there are several", () => {
  const services = ["memory", "github"].map((name) => ({ name, state: "up" }) as Service);
  const url = "http://hub/x/mcp";
  const own = { knowsMore: () => true, all: "http://hub/mcp" };
  expect(statusPage(services, () => ({ url, hubUrl: url }), own)).toContain("<code>http://hub/mcp</code>");
  expect(page({ tools: 9 })).not.toContain("as one");
});

test("text from a server or the configuration is escaped on the page", () => {
  const pages = [page({ state: "failed", error: EVIL }), page({ state: "needs", needs: EVIL }), page({}, EVIL)];
  for (const html of pages) {
    expect(html).not.toMatch(/<img|<form/);
    expect(html).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&lt;form action=//evil&gt;&amp;amp;");
  }
});

test("the page loads itself again only while a service is starting, and brings its own icon", () => {
  expect(page({ state: "starting" })).toContain('http-equiv="refresh"');
  for (const state of ["up", "needs", "failed"] as const) expect(page({ state })).not.toContain("refresh");
  expect(page({})).toContain('<link rel="icon" href="data:');
});
