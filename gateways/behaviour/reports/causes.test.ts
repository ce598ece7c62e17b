/** An upstream that cannot be used is told with its cause and the remedy, once. */
import { expect } from "vitest";
import type { Running } from "../../fixtures/harness.ts";
import { test, type Behaviour } from "../../fixtures/upstream.ts";

const settings = (url: string, headers = {}) => ({ service: { server: { kind: "http", url, headers } as const } });

async function refusal({ client }: Running): Promise<string> {
  const response = await client().initialize();
  return ((await response.json()) as { error: { message: string } }).error.message;
}

const causes: readonly (readonly [string, Behaviour, RegExp])[] = [
  [
    "redirects to another origin",
    ({ res }) => res.writeHead(308, { location: "https://other.example/mcp?key=secret" }).end(),
    /redirects to https:\/\/other\.example\/mcp \(HTTP 308\)\. The call has not run\. Set its URL/,
  ],
  [
    "redirects a POST so that it becomes a GET",
    ({ res }) => res.writeHead(302, { location: "/login" }).end(),
    /redirects to http:\/\/127\.0\.0\.1:\d+\/login \(HTTP 302\)/,
  ],
  [
    "redirects in a circle",
    ({ res }) => res.writeHead(307, { location: "/mcp" }).end(),
    /redirects to .*\/mcp \(HTTP 307\)/,
  ],
  [
    "answers 401",
    ({ res }) => res.writeHead(401).end(),
    /does not accept the service's secret \(HTTP 401\)\. Check the secret/,
  ],
  [
    "is a web page",
    ({ res }) => res.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<html>"),
    /web page.*Check the path, which is often \/mcp/,
  ],
  [
    "has nothing at the path",
    ({ res }) => res.writeHead(404).end("<html>"),
    /(no Streamable HTTP endpoint|nothing there|takes no messages there).*--url-type sse .*"type": "sse"/,
  ],
  [
    "speaks only the older transport",
    ({ res }) => res.writeHead(405).end(),
    /(no Streamable HTTP endpoint|nothing there|takes no messages there).*--url-type sse .*"type": "sse"/,
  ],
  [
    "breaks off",
    ({ res }) => res.destroy(),
    /(broke off in the handshake|No answer from http:\/\/127\.0\.0\.1:\d+\/mcp): .*(closed the connection|hang up)/,
  ],
];

for (const [what, behave, message] of causes) {
  test.concurrent(`an upstream that ${what} is told as that, and blamed for nothing else`, async ({ start, serve }) => {
    const { url } = await serve(behave);
    const running = await start(settings(url, { "x-api-key": "k-1f4c9e27" }));
    expect(await refusal(running)).not.toContain(new URL(url).host.concat("/mcp:"));
    for (const text of [running.service.error, await refusal(running)]) {
      expect(text).toMatch(message);
      expect(text).not.toMatch(/refused the handshake|does not answer|stderr|key=secret/);
    }
    expect((await running.probe("/ready")).status).toBe(503);
    const warnings = running.log.filter((line) => line.includes('"warn"'));
    expect(new Set(warnings.map((line) => /"reason":"([^"]*)/.exec(line)?.[1])).size).toBe(1);
  });
}

test.concurrent("an upstream where nothing listens is told as that", async ({ start }) => {
  const running = await start(settings("http://127.0.0.1:1/mcp"));
  const text = await refusal(running);
  expect(text).toMatch(
    /cannot be reached: connection refused \(ECONNREFUSED\)\. The call has not run\. Is it running\?/,
  );
  expect(text).not.toContain("127.0.0.1");
  expect(running.service.error).toMatch(
    /^Cannot connect to http:\/\/127\.0\.0\.1:1\/mcp: connection refused\. Is it running\?/,
  );
});

test.concurrent("an upstream whose name does not resolve is told as that", async ({ start }) => {
  const running = await start(settings("http://no-such-host.invalid/mcp"));
  expect(await refusal(running)).toMatch(/there is no host of that name \(E\w+\)/);
});

test.concurrent("an upstream that asks for a login is told how to give it one", async ({ start, serve }) => {
  const plain = await serve(({ res }) => res.writeHead(401).end());
  expect(await refusal(await start(settings(plain.url)))).toMatch(
    /asks for a login \(HTTP 401\)\. Set its token as GANGWAY_SERVER_TOKEN .*"headers" in gateway\.json\./,
  );
  const oauth = await serve(({ res }) =>
    res.writeHead(401, { "www-authenticate": 'Bearer resource_metadata="https://a.example/x"' }).end(),
  );
  expect(await refusal(await start(settings(oauth.url)))).toMatch(/It takes OAuth, which a gateway cannot do/);
});

test.concurrent("an SSE upstream where nothing listens is told as that", async ({ start }) => {
  const server = { kind: "sse", url: "http://127.0.0.1:1/sse", headers: {} } as const;
  const running = await start({ service: { server } });
  for (const text of [running.service.error, await refusal(running)]) {
    expect(text).toMatch(/did not start: connection refused \(ECONNREFUSED\)\. Is it running\?/);
    expect(text).not.toMatch(/stderr|it ended/);
  }
});

test.concurrent("an upstream that is called with TLS and has none is told as that", async ({ start, serve }) => {
  const { url } = await serve();
  const running = await start(settings(url.replace("http:", "https:")));
  expect(await refusal(running)).toMatch(/it does not speak TLS on this port/);
});

test.concurrent("a redirect within the origin is followed, with the secret, and kept", async ({ start, serve }) => {
  const upstream = await serve(({ path, res }, well) =>
    path === "/mcp" ? res.writeHead(307, { location: "/mcp/" }).end() : well(),
  );
  const running = await start({
    service: { ...settings(upstream.url, { "x-api-key": "s" }).service, isolation: "shared" },
  });
  const client = await running.open();
  expect((await client.request("tools/call", { name: "a" })).result).toEqual({ ok: true });
  expect(upstream.calls.filter(({ path }) => path === "/mcp")).toHaveLength(1);
  expect(upstream.calls.every(({ headers }) => headers["x-api-key"] === "s")).toBe(true);
});
