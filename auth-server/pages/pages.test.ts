import { expect, test } from "vitest";
import { htmlOf } from "../../gateways/page/view/markup.ts";
import { consentPage } from "./consent.ts";
import { sent } from "./document.ts";
import { formTargets } from "./form-targets.ts";
import { failurePage } from "./message.ts";
import { redirectOf, scopeWords, shownName } from "./words.ts";

const ONWARD = ["https:", "http://localhost:*", "http://127.0.0.1:*"];

test.each([
  ["https://claude.ai/api/mcp/auth_callback", ONWARD],
  ["http://localhost:4711/callback", ONWARD],
  ["http://127.0.0.1/callback", ONWARD],
  ["http://[::1]:4711/callback", [...ONWARD, "http:"]],
  ["http://localhost.evil.example/", [...ONWARD, "http:"]],
  ["cursor://anysphere.cursor-mcp/oauth/callback", [...ONWARD, "cursor:"]],
  ["com.example.app:/callback", [...ONWARD, "com.example.app:"]],
  ["no URL", []],
])("the answer to a form may lead to %s, and on from there", (redirect, sources) => {
  expect(formTargets(redirect)).toEqual(sources);
});

test.each([
  "https://a.example/; script-src 'unsafe-inline'",
  "https://a.example/ *",
  "x:; script-src *",
  "a-b+c.d:/x\r\nx-evil: 1",
])("a redirect adds nothing else to the policy: %j", (redirect) => {
  for (const source of formTargets(redirect)) expect(source).toMatch(/^[\w.:+/*-]+$/);
});

test("every page forbids scripts, frames and caches", () => {
  const { headers } = sent(failurePage({ title: "x", text: "y" }));
  const policy = headers["content-security-policy"]!;
  expect(policy).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/=]+'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
  );
  expect(headers).toMatchObject({ "x-frame-options": "DENY", "cache-control": "no-store" });
});

test.each([
  [`<script>alert(1)</script>`, "<script>alert(1)</script>"],
  ["\u202eedualC", "\\u202eedualC"],
  ["Clau\u200bde", "Clau\\u200bde"],
  ["a\nb", "a\\nb"],
  ["  ", "A client without a name"],
  [undefined, "A client without a name"],
])("a client that calls itself %j is shown as %j", (name, shown) => {
  expect(shownName(name)).toBe(shown);
});

test("a name of 10 kB is cut", () => {
  expect(shownName("x".repeat(10_000)).length).toBeLessThanOrEqual(60);
});

test.each([
  ["https://claude.ai/callback", { shown: "claude.ai", kind: "web" }],
  ["http://localhost:1/callback", { shown: "localhost:1", kind: "loopback" }],
  ["http://localhost.evil.example/", { shown: "localhost.evil.example", kind: "web" }],
  ["https://user:secret@evil.example/", { shown: "evil.example", kind: "web" }],
  ["https://сlaude.ai/", { shown: "xn--laude-0ye.ai", kind: "web" }],
  ["cursor://x", { shown: "cursor:", kind: "app" }],
])("%s is told as the host that it leads to", (uri, redirect) => {
  expect(redirectOf(uri)).toEqual(redirect);
});

test.each([
  ["memory", "use all tools of <strong>memory</strong>"],
  ["tools:memory:read_*", "use the tools of <strong>memory</strong> whose names fit <code>read_*</code>"],
  ["tools:memory:add", "use the tool <code>add</code> of <strong>memory</strong>"],
  ["offline_access", "stay logged in until you disconnect it, or whoever runs this server ends it"],
])("the scope %s is told in words", (scope, words) => {
  expect(htmlOf(scopeWords(scope))).toBe(words);
});

const page = (client: Partial<Parameters<typeof consentPage>[0]["client"]>) =>
  sent(
    consentPage({
      client: {
        name: "Claude",
        host: undefined,
        redirect: redirectOf("https://claude.ai/x"),
        isOnlyLocal: false,
        ...client,
      },
      user: "ada@example.org",
      services: [{ name: "memory", url: "https://memory.example.org/mcp" }],
      scopes: ["memory"],
      isKnown: false,
      action: "/login/x",
      csrf: "proof",
      formTargets: [],
    }),
  ).body;

test("consent names the host of a client's id, or says that nobody has verified it", () => {
  expect(page({ host: "claude.ai" })).toContain("published by <code>claude.ai</code>");
  expect(page({})).toContain("registered itself, not verified");
});

test("consent warns of clients that run only on the user's computer", () => {
  expect(page({ isOnlyLocal: true })).toContain("This client runs on your computer.");
  expect(page({})).not.toContain("This client runs on your computer.");
});
