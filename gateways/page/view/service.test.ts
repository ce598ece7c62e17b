import { expect, test } from "vitest";
import { upService } from "../../fixtures/page-samples.ts";
import { htmlOf } from "./markup.ts";
import { hubView } from "./pages.ts";
import { serviceView } from "./service.ts";
import type { GatewayStatus } from "../status.ts";

test.each(["up", "starting", "needs", "failed", "stopped"] as const)(
  "the log is open where it says why the service has failed: %s",
  (state) => {
    const html = htmlOf(serviceView(upService({ state }), { folded: false }));
    expect(html.includes('<details class="lines" open>')).toBe(state === "failed");
  },
);

const { details: _, ...outline } = upService();

test.each([
  ["a stranger", { isHere: false, isLoggedIn: false }, outline, "no reason"],
  ["a login that opens nothing any more", { isHere: false, isLoggedIn: true }, outline, "a reason"],
  ["a login that opens it", { isHere: false, isLoggedIn: true }, upService(), "no form"],
  ["a reader on this machine", { isHere: true, isLoggedIn: false }, upService(), "no form"],
  [
    "a service that asks for nothing",
    { isHere: false, isLoggedIn: false },
    { ...outline, asksForToken: false },
    "no form",
  ],
] as const)("the login is offered to whom it gives something: %s", (_who, visitor, service, expected) => {
  const status: GatewayStatus = {
    gateway: { version: "1", startedAt: "2026-11-29T16:02:10.000Z" },
    visitor: { ...visitor, csrf: "" },
    services: [service],
  };
  const html = htmlOf(hubView(status, { base: "./", all: "https://example.org/mcp" }));
  const hasForm = html.includes('name="token"');
  const hasReason = html.includes("The token that you logged in with does not open this.");
  expect([hasForm, hasReason]).toEqual([expected !== "no form", expected === "a reason"]);
});

test.each([
  [{ asksForToken: false }, "none, everybody who reaches it may call"],
  [{ asksForToken: true }, "by token"],
  [{ asksForToken: true, hasLogin: true }, "in the browser"],
  [
    { asksForToken: true, hasLogin: true, keyUrl: "http://127.0.0.1:4000/memory/mcp" },
    "in the browser, or by token at an address of its own",
  ],
])("how callers log in is said: %j", (ways, said) => {
  const html = htmlOf(serviceView(upService(ways), { folded: false }));
  expect(html).toContain(`<dt>Login</dt><dd>${said}</dd>`);
});
