/** What a browser shows when a person opens the URL of a service, and that nobody else sees anything of it. */
import { describe, expect } from "vitest";
import { test, type Running } from "../../fixtures/harness.ts";
import { ELSEWHERE } from "../../fixtures/page-visitor.ts";
import { sendRaw } from "../../fixtures/raw.ts";

const service = { isolation: "shared" } as const;
const TOKEN = "right-token-of-some-length";
const BROWSER =
  "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7";

const visit = ({ port }: Running, path: string, headers: Record<string, string> = { accept: BROWSER }) =>
  fetch(`http://127.0.0.1:${port}${path}`, { headers });

/** What of the page is drawn: without its script and its style. */
const drawn = async (response: Response) => (await response.text()).replace(/<(script|style)\b[^]*?<\/\1>/g, "");

describe("a person who opens the URL of a service", () => {
  test.for(["/mcp", "/mcp/", "/"])("at %s sees what it is and how to connect", async (path, { start }) => {
    const running = await start({ service });
    const response = await visit(running, path);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none'; script-src 'sha256-[^;]+;/);
    const page = await drawn(response);
    const url = `http://127.0.0.1:${running.port}/mcp`;
    expect(page).toContain(`${running.gateway.services[0]!.name} ${url}`);
    expect(page).toMatch(/<h1>fixture<\/h1><span class="state up">up<.*\d+ tools/);
    expect(page).not.toMatch(/ (src|href)="(?!data:|#|\.)/);
  });

  test("learns where a token belongs, and neither the token nor what is behind it", async ({ start }) => {
    const running = await start({ service, tokens: [TOKEN] });
    const page = await drawn(await visit(running, "/mcp"));
    expect(page).toContain("Authorization: Bearer ${GANGWAY_TOKEN_FIXTURE}");
    expect(page).toContain("npx gangway token fixture");
    expect(page).not.toContain(TOKEN);
  });

  test("from elsewhere learns nothing of what is behind a token, and may log in", async ({ start }) => {
    const running = await start({ service, tokens: [TOKEN] });
    const page = await drawn(await visit(running, "/mcp", { accept: BROWSER, ...ELSEWHERE }));
    for (const known of ["echo", 'class="log"', "Sessions"]) expect(page).not.toContain(known);
    expect(page).toMatch(/<form [^>]*method="post" action="\.\/_\/login"/);
  });

  test("sees the name that a proxy was called by", async ({ start }) => {
    const running = await start({ service });
    const page = await drawn(await visit(running, "/mcp", { accept: BROWSER, "x-forwarded-proto": "https" }));
    expect(page).toContain(`<pre tabindex="0">https://127.0.0.1:${running.port}/mcp</pre>`);
  });
});

describe("on a hub", () => {
  test.for(["/fixture", "/fixture/", "/fixture/mcp"])(
    "%s is the page of the service, with its URL there",
    async (path, { start }) => {
      const running = await start({ service, hub: true });
      const page = await drawn(await visit(running, path));
      expect(page).toContain(`fixture http://127.0.0.1:${running.port}/fixture/mcp`);
      expect(page).toContain(`<a href="${path === "/fixture" ? "./" : "../"}">All services</a>`);
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

describe("the hub's own address", () => {
  test.for([
    ["a browser", BROWSER, "text/html; charset=utf-8"],
    ["curl", "*/*", "application/json"],
    ["a program that takes JSON", "application/json", "application/json"],
    ["an EventSource", "text/event-stream", "application/json"],
  ] as const)("gives %s what it can read", async ([, accept, type], { start }) => {
    const running = await start({ service, hub: true });
    const response = await visit(running, "/", { accept });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, type]);
    const text = await response.text();
    expect(text).toContain(type.startsWith("text/html") ? "<h1>Services</h1>" : '"status":"healthy"');
  });

  test("says where MCP is to whoever posts there", async ({ start }) => {
    const { port } = await start({ service, hub: true });
    for (const [method, path] of [
      ["POST", "/"],
      ["DELETE", "/health"],
    ] as const) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { accept: BROWSER } });
      const told = `The hub has nothing at ${path}. Each service is at /<name>/mcp: fixture.`;
      expect([response.status, await response.text()]).toEqual([404, expect.stringContaining(told)]);
    }
  });
});

test.for([false, true])("no cache may keep what anybody was told with GET, hub %s", async (hub, { start }) => {
  const running = await start({ service, hub });
  const paths = [
    "/",
    "/mcp",
    "/sse",
    "/messages",
    "/health",
    "/ready",
    "/nothing",
    "/.well-known/openid-configuration",
  ];
  for (const path of [...paths, ...(hub ? paths.map((path) => `/fixture${path}`) : [])])
    for (const accept of [BROWSER, "application/json"])
      for (const origin of [{}, { origin: "http://localhost" }, { origin: "https://evil.example" }]) {
        const { headers } = await visit(running, path, { accept, ...origin });
        const kept = [headers.get("cache-control"), headers.get("vary")];
        expect(kept, `${path} ${accept} ${JSON.stringify(origin)}`).toEqual([
          "no-store",
          expect.stringMatching(/^Accept,( Accept-Encoding,)? Origin$/), // pages may be compressed
        ]);
      }
});

/** What the browser of a person sends for a page of a site whose name leads here. */
const reboundTo = (host: string, target: string) =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nAccept: ${BROWSER}\r\nConnection: close\r\n\r\n`;

const FOREIGN = ["evil.example", "localhost.evil.example", "0.0.0.0", "127.1", "a@localhost"];
const BROKEN = ["--exit", "Usage: server <word>"];

describe("a site whose name was made to point here", () => {
  test.for([false, true])("learns nothing but that the gateway lives, hub %s", async (hub, { start }) => {
    const { port } = await start({ service, hub, child: BROKEN });
    const seen = async (host: string, path: string) => {
      const { status, body } = await sendRaw(port, reboundTo(host, `${hub ? "/fixture" : ""}${path}`));
      return { host, path, status, isTold: body.includes("word") };
    };
    const expected = { "/mcp": 403, "/sse": 403, "/messages": 403, "/": 403, "/health": 200, "/ready": 503 };
    for (const host of FOREIGN)
      for (const [path, status] of Object.entries(expected))
        expect(await seen(host, path)).toEqual({ host, path, status, isTold: false });
  });

  test("nor when it is named in the request line, while a program of this machine is told", async ({ start }) => {
    const { port } = await start({ service, child: BROKEN });
    const told = async (target: string) => (await sendRaw(port, reboundTo("localhost", target))).body;
    expect(await told("http://evil.example/ready")).not.toContain("word");
    expect(await told("/ready")).toContain("word");
  });
});
