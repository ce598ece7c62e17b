/** Web pages of other origins: whether one may call, and whether its browser lets it, are the same question. */
import { describe, expect } from "vitest";
import { test, type Running, type Settings } from "../../fixtures/harness.ts";
import { sendRaw } from "../../fixtures/raw.ts";

const service = { isolation: "shared" } as const;
const TOKEN = "right-token-of-some-length";
const LISTED = "https://page.example";
const INITIALIZE = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}';

interface Seen {
  readonly status: number;
  /** Access-Control-Allow-Origin. */
  readonly allows: string | undefined;
}

/** What a browser does for a page: it asks beforehand, then sends the call. */
async function callFrom(origin: string, { port }: Running, token?: string): Promise<{ preflight: Seen; call: Seen }> {
  const common = `Host: localhost:${port}\r\nOrigin: ${origin}\r\nConnection: close\r\n`;
  const asked =
    "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization, content-type\r\n";
  const login = token === undefined ? "" : `Authorization: Bearer ${token}\r\n`;
  const body = `Content-Type: application/json\r\nContent-Length: ${INITIALIZE.length}\r\n\r\n${INITIALIZE}`;
  const preflight = await sendRaw(port, `OPTIONS /mcp HTTP/1.1\r\n${common}${asked}\r\n`);
  const call = await sendRaw(port, `POST /mcp HTTP/1.1\r\n${common}${login}${body}`);
  return { preflight: seen(preflight), call: seen(call) };
}

const seen = ({ status, head }: { status: number; head: string }): Seen => ({
  status,
  allows: /^access-control-allow-origin: (\S+)/im.exec(head)?.[1],
});

const admitted = (origin: string, status = 200) => ({
  preflight: { status: 204, allows: origin },
  call: { status, allows: origin },
});
const refused = {
  preflight: { status: 403, allows: undefined },
  call: { status: 403, allows: undefined },
};

const ON_THIS_MACHINE = ["http://localhost:5173", "http://127.0.0.1:6274", "http://[::1]:3000", "https://localhost"];

describe("a page of this machine", () => {
  test.for(ON_THIS_MACHINE)(
    "(%s) may call a gateway on loopback without a token, preflight and all",
    async (origin, { start }) => {
      expect(await callFrom(origin, await start({ service }))).toEqual(admitted(origin));
    },
  );

  test.for(ON_THIS_MACHINE)(
    "(%s) may call one that takes a token, with the token, and can read why it was refused",
    async (origin, { start }) => {
      const running = await start({ service, tokens: [TOKEN] });
      expect(await callFrom(origin, running, TOKEN)).toEqual(admitted(origin));
      expect(await callFrom(origin, running)).toEqual(admitted(origin, 401));
    },
  );

  test.for(ON_THIS_MACHINE)("(%s) may not call one that others can reach", async (origin, { start }) => {
    expect(await callFrom(origin, await start({ service, tokens: [TOKEN], host: "0.0.0.0" }), TOKEN)).toEqual(refused);
  });

  test("may, where it is listed; without the right token it can read why not", async ({ start }) => {
    const [origin] = ON_THIS_MACHINE as [string];
    const running = await start({ service: { ...service, allowedOrigins: [origin] }, tokens: [TOKEN] });
    expect(await callFrom(origin, running, TOKEN)).toEqual(admitted(origin));
    expect(await callFrom(origin, running, "wrong")).toEqual(admitted(origin, 401));
    expect(await callFrom(origin, running)).toEqual(admitted(origin, 401));
  });

  test("that the gateway itself served may call it, with a token too", async ({ start }) => {
    const running = await start({ service, tokens: [TOKEN] });
    const own = `http://localhost:${running.port}`;
    expect(await callFrom(own, running, TOKEN)).toEqual(admitted(own));
  });
});

const NOWHERE = ["https://evil.example", "null", "http://localhost.evil.example", "file://", "chrome-extension://abc"];

test.for(NOWHERE)("the page %s may call nowhere", async (origin, { start }) => {
  const places: Settings[] = [{ service }, { service: { ...service, allowedOrigins: [LISTED] }, tokens: [TOKEN] }];
  for (const place of places) expect(await callFrom(origin, await start(place), TOKEN)).toEqual(refused);
});

test("a page that may call can read every answer: an error, a stream, a probe, a refused OAuth", async ({ start }) => {
  const { port, client, open } = await start({ service: { ...service, allowedOrigins: [LISTED] } });
  const headers = { origin: LISTED };
  const base = `http://127.0.0.1:${port}`;
  const { session } = await open();
  const stream = { ...headers, "mcp-session-id": session, accept: "text/event-stream" };
  const aborted = new AbortController();
  for (const response of [
    await client(headers).initialize(),
    await client(headers).post("no JSON"),
    await client(headers).post("{}", { "mcp-session-id": "none" }),
    await fetch(`${base}/mcp`, { headers: stream, signal: aborted.signal }),
    await fetch(`${base}/mcp`, { method: "PUT", headers }),
    await fetch(`${base}/health`, { headers }),
    await fetch(`${base}/ready`, { headers }),
    await fetch(`${base}/nothing`, { headers }),
    await fetch(`${base}/.well-known/oauth-protected-resource`, { headers }),
    await fetch(`${base}/register`, { method: "POST", headers }),
  ]) {
    expect(response.headers.get("access-control-allow-origin"), `${response.status} ${response.url}`).toBe(LISTED);
    expect(response.headers.get("access-control-expose-headers")).toMatch(
      /Mcp-Session-Id.*WWW-Authenticate.*Retry-After/,
    );
    expect(response.headers.get("vary")).toContain("Origin");
  }
  aborted.abort();
});

test("libraries may send the headers that they add on their own", async ({ start }) => {
  const { port } = await start({ service: { ...service, allowedOrigins: [LISTED] } });
  const response = await fetch(`http://127.0.0.1:${port}/mcp`, {
    method: "OPTIONS",
    headers: { origin: LISTED, "access-control-request-method": "POST" },
  });
  const allowed = response.headers.get("access-control-allow-headers")!.toLowerCase().split(", ");
  for (const name of [
    "x-requested-with",
    "cache-control",
    "accept",
    "traceparent",
    "tracestate",
    "baggage",
    "pragma",
    "origin",
  ])
    expect(allowed).toContain(name);
});

test.for([
  [
    "flags",
    "start the gateway with --allowed-origins https://evil.example (in a container: ALLOWED_ORIGINS=https://evil.example)",
  ],
  ["file", 'add https://evil.example to "allowedOrigins" in gateway.json, and restart the gateway'],
  ["npm start", "add ALLOWED_ORIGINS=https://evil.example to .env, then restart npm start"],
] as const)(
  "a refused page is told how to be allowed by a gateway started by %s",
  async ([startedBy, how], { start }) => {
    const { client } = await start({ service, startedBy });
    const answer = await client({ origin: "https://evil.example" }).initialize();
    expect((JSON.parse(await answer.text()) as { error: { message: string } }).error.message).toBe(
      `This origin may not call the gateway. If the page is yours, ${how}.`,
    );
  },
);
