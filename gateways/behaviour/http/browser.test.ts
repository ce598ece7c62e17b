/** What a browser shows when a person opens the URL of a service, and that nobody else sees anything of it. */
import { describe, expect } from "vitest";
import { test, type Running } from "../../fixtures/harness.ts";

const service = { isolation: "shared" } as const;
const TOKEN = "right-token-of-some-length";
const BROWSER =
  "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7";

const visit = ({ port }: Running, path: string, headers: Record<string, string> = { accept: BROWSER }) =>
  fetch(`http://127.0.0.1:${port}${path}`, { headers });

describe("a person who opens the URL of a service", () => {
  test.for(["/mcp", "/mcp/", "/"])("at %s sees what it is and how to connect", async (path, { start }) => {
    const running = await start({ service });
    const response = await visit(running, path);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(response.headers.get("content-security-policy")).not.toContain("script");
    const page = await response.text();
    const url = `http://127.0.0.1:${running.port}/mcp`;
    expect(page).toContain(`claude mcp add --transport http ${running.gateway.services[0]!.name} ${url}`);
    expect(page).toMatch(/class="up">up<.*\d+ tools, version /);
    expect(page).not.toMatch(/<script|Authorization|https?:\/\/(?!127|www\.w3\.org)/);
  });

  test("learns where a token belongs, and neither the token nor what is behind it", async ({ start }) => {
    const running = await start({ service, tokens: [TOKEN] });
    const page = await (await visit(running, "/mcp")).text();
    expect(page).toContain("--header &quot;Authorization: Bearer &lt;token&gt;&quot;");
    expect(page).not.toContain(TOKEN);
    expect(page).not.toContain("echo");
  });

  test("sees the name that a proxy was called by", async ({ start }) => {
    const running = await start({ service });
    const page = await (await visit(running, "/mcp", { accept: BROWSER, "x-forwarded-proto": "https" })).text();
    expect(page).toContain(`<code>https://127.0.0.1:${running.port}/mcp</code>`);
  });
});

describe("on a hub", () => {
  test.for(["/fixture", "/fixture/", "/fixture/mcp"])(
    "%s is the page of the service, with its URL there",
    async (path, { start }) => {
      const running = await start({ service, hub: true });
      const page = await (await visit(running, path)).text();
      expect(page).toContain(`claude mcp add --transport http fixture http://127.0.0.1:${running.port}/fixture/mcp`);
      expect(page).toContain('<a href="/">');
    },
  );

  test("a program that leaves out /mcp is told the whole path", async ({ start }) => {
    const running = await start({ service, hub: true });
    const response = await visit(running, "/fixture", { accept: "*/*" });
    expect([response.status, await response.text()]).toEqual([
      404,
      expect.stringContaining("There is nothing at /fixture. MCP is at /fixture/mcp, health at /fixture/health"),
    ]);
  });
});

describe("nobody else gets a page:", () => {
  test.for([
    ["an MCP client", { accept: "text/event-stream" }],
    ["one that takes both", { accept: "application/json, text/event-stream" }],
    ["one that would take a page, too", { accept: "text/event-stream, text/html" }],
    ["curl", { accept: "*/*" }],
    ["one with a session", { accept: BROWSER, "mcp-session-id": "none" }],
    ["one that takes JSON", { accept: "application/json" }],
  ] as const)("%s", async ([, headers], { start }) => {
    const running = await start({ service });
    for (const path of ["/mcp", "/"]) {
      const response = await visit(running, path, headers);
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.headers.get("content-type")).toBe("application/json");
    }
  });
});
