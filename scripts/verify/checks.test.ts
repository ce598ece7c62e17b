import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import type { ServiceHealth } from "../kit/hub.ts";
import type { LoginSubject } from "./login.ts";
import { document, report } from "./report.ts";
import { examine, type Findings, isFine, isUnreached } from "./run.ts";
import { McpClient } from "../kit/mcp/client.ts";

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Handler => {
  const type = { "content-type": "application/json" };
  return (_req, res) => res.writeHead(status, { ...type, ...headers }).end(JSON.stringify(body));
};
const stream = (body: string | undefined): Handler => {
  const head = { "content-type": "text/event-stream" };
  return (_req, res) =>
    body === undefined ? res.writeHead(200, head).write(": \n\n") : res.writeHead(200, head).end(body);
};
const error = (status: number) => json(status, { jsonrpc: "2.0", id: null, error: { code: -32000, message: "no" } });
const result = (value: unknown, headers = {}) => json(200, { jsonrpc: "2.0", id: 1, result: value }, headers);

/** The right answers, by request line or JSON-RPC method. */
const right: Readonly<Record<string, Handler>> = {
  "GET /health": json(200, { status: "ok", service: "memory-mcp", version: "1", timestamp: "now" }),
  "GET /ready": json(200, {}),
  "GET /mcp": stream(undefined),
  "DELETE /mcp": json(200, {}),
  "too large": error(413),
  "bad token": error(401),
  "no session": error(404),
  initialize: result({ protocolVersion: "2025-11-25" }, { "mcp-session-id": "one" }),
  "notifications/initialized": json(202, {}),
  "tools/list": result({ tools: [{}, {}] }),
  "tools/call": stream('data: {"method":"progress"}\n\ndata: {"jsonrpc":"2.0","id":1,"result":{"content":[]}}\n\n'),
};

/** The key in `right` for a request. */
async function keyOf(req: IncomingMessage, isOver: boolean): Promise<string> {
  if (req.method !== "POST") return `${req.method} ${req.url}`;
  if (Number(req.headers["content-length"]) > 10_000_000) return "too large";
  if (req.headers.authorization === "Bearer invalid") return "bad token";
  if (isOver || req.headers["mcp-session-id"] === "no-such-session") return "no session";
  return (JSON.parse(await text(req)) as { method: string }).method;
}

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** The findings for a service that answers rightly except for these requests. */
async function find(
  wrong: Readonly<Record<string, Handler>> = {},
  token?: string,
  tokens = [token ?? []].flat(),
  login?: LoginSubject,
) {
  let isOver = false;
  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    const key = await keyOf(req, isOver);
    isOver ||= key === "DELETE /mcp";
    (wrong[key] ?? right[key] ?? error(404))(req, res);
  };
  const server = createServer((req, res) => void answer(req, res));
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  const probe = { tool: "add" };
  return examine({ ...service, url }, { client: new McpClient(url, token), tokens, probe, login });
}

const service: ServiceHealth = { name: "memory", url: "http://127.0.0.1:1/mcp", state: "up", tools: 2 };
const failuresOf = ({ outcomes }: Findings) =>
  outcomes.filter(({ state }) => state === "failed").map(({ check, detail }) => `${check}: ${detail}`);

describe("a service without faults", () => {
  test("passes every check, that of the token only where there is one", async () => {
    const [open, closed] = [await find(), await find({}, "secret")];
    expect([failuresOf(open), failuresOf(closed), isFine(open)]).toEqual([[], [], true]);
    expect(open.outcomes.filter(({ state }) => state === "skipped").map(({ check }) => check)).toEqual(["token"]);
    expect(closed.outcomes.every(({ state }) => state === "ok")).toBe(true);
  });
});

/** A service that does not know the newer token yet. */
const known: Handler = (req, res) => (req.headers.authorization === "Bearer newer" ? error(401) : error(404))(req, res);

test("a token that has not been deployed yet is told as that; the others go on to be checked", async () => {
  const findings = await find({ "no session": known }, "older", ["newer", "older"]);
  expect(failuresOf(findings)).toEqual(["token: 1 of 2 tokens that should open it are refused"]);
  expect(findings.outcomes.find(({ check }) => check === "token")?.hint).toMatch(/^deploy, or start again/);
});

describe("a service with one fault fails that check alone", () => {
  test.each<[request: string, answer: Handler, failure: string]>([
    ["GET /health", json(200, { status: "ok" }), 'health: its "service" is undefined, expected "memory-mcp"'],
    ["GET /ready", error(503), "ready: GET /ready is 503, expected 200"],
    [
      "GET /.well-known/oauth-authorization-server",
      json(200, { issuer: "x" }),
      "oauth: GET /.well-known/oauth-authorization-server is 200, expected 404",
    ],
    ["bad token", result({}), "token: initialize with a bad token is 200, expected 401"],
    ["tools/list", result({ tools: [{}] }), "tools: the number of tools (the hub's) is 1, expected 2"],
    ["tools/call", result({ isError: true }), "call: its isError is true, expected false"],
    ["GET /mcp", json(200, {}), 'stream: its content-type is "application/json", expected "text/event-stream"'],
    ["no session", error(400), "lost: a call in an unknown session is 400, expected 404"],
    ["too large", json(413, "<html>"), '413: its body is "<html>", expected a JSON-RPC error'],
    ["DELETE /mcp", error(405), "end: DELETE /mcp is 405, expected 200"],
  ])("%s", async (request, answer, failure) => {
    const found = failuresOf(await find({ [request]: answer }, "secret"));
    expect(found[0]).toBe(failure);
    expect(found.filter((each) => each.split(":")[0] !== failure.split(":")[0] && !each.startsWith("end:"))).toEqual(
      [],
    );
  });
});

describe("a service whose callers log in", () => {
  /** It and its issuer, on one port, except for what is wrong. */
  async function startLogin(wrong: Readonly<Record<string, (origin: string) => Handler>> = {}) {
    const answer = (req: IncomingMessage, res: ServerResponse) => {
      const origin = `http://${req.headers.host}`;
      const key = `${req.method} ${req.url}`;
      (wrong[key] ?? rightLogin[key] ?? (() => error(404)))(origin)(req, res);
    };
    const server = createServer(answer);
    servers.push(server.listen(0, "127.0.0.1"));
    await once(server, "listening");
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { url: `${issuer}/mcp`, issuer };
  }

  const METADATA = "/.well-known/oauth-protected-resource/mcp";
  const challenge = (origin: string) => ({ "www-authenticate": `Bearer resource_metadata="${origin}${METADATA}"` });
  const rightLogin: Readonly<Record<string, (origin: string) => Handler>> = {
    "POST /mcp": (origin) => json(401, { error: { code: 1 } }, challenge(origin)),
    [`GET ${METADATA}`]: (origin) => json(200, { resource: `${origin}/mcp`, authorization_servers: [origin] }),
    "GET /.well-known/oauth-authorization-server": (origin) => json(200, { issuer: origin }),
  };

  test("passes where a client finds its login, and tokens are checked where they are taken", async () => {
    const findings = await find({}, "secret", ["secret"], { ...(await startLogin()), hasKeyUrl: true });
    expect(failuresOf(findings)).toEqual([]);
    expect(findings.outcomes.every(({ state }) => state === "ok")).toBe(true);
  });

  test("and that takes no tokens is not checked beyond that: a person would have to log in", async () => {
    const login = { ...(await startLogin()), hasKeyUrl: false };
    const { outcomes } = await find({ initialize: error(401) }, undefined, [], login);
    const done = outcomes.filter(({ state }) => state !== "skipped").map(({ check, state }) => `${check} ${state}`);
    expect(done).toEqual(["health ok", "ready ok", "oauth ok"]);
  });

  test("fails where the host for tokens shows OAuth", async () => {
    const shown = { "GET /.well-known/oauth-protected-resource": json(200, {}) };
    const findings = await find(shown, "secret", ["secret"], { ...(await startLogin()), hasKeyUrl: true });
    expect(failuresOf(findings)).toEqual(["oauth: GET /.well-known/oauth-protected-resource is 200, expected 404"]);
  });

  test.each<[what: string, wrong: Readonly<Record<string, (origin: string) => Handler>>, failure: RegExp]>([
    ["lets strangers in", { "POST /mcp": () => result({}) }, /initialize without a token is 200, expected 401/],
    [
      "names its metadata by a path",
      { "POST /mcp": () => json(401, {}, { "www-authenticate": `Bearer resource_metadata="${METADATA}"` }) },
      /resource_metadata in its WWW-Authenticate is ".*", expected "http:/,
    ],
    ["says nothing to strangers", { "POST /mcp": () => error(401) }, /resource_metadata .* is undefined/],
    [
      "has no metadata",
      { [`GET ${METADATA}`]: () => error(404) },
      /oauth-protected-resource\/mcp is 404, expected 200/,
    ],
    [
      "names another URL than the one that was typed",
      { [`GET ${METADATA}`]: (origin) => json(200, { resource: origin, authorization_servers: [origin] }) },
      /its resource is "http:.*\d", expected "http:.*\/mcp"/,
    ],
    [
      "names another issuer",
      {
        [`GET ${METADATA}`]: (origin) => json(200, { resource: `${origin}/mcp`, authorization_servers: ["https://a"] }),
      },
      /its authorization server is "https:\/\/a"/,
    ],
    [
      "has an issuer that calls itself something else",
      { "GET /.well-known/oauth-authorization-server": () => json(200, { issuer: "https://a" }) },
      /the metadata of http:.* is not found: .* is 200 and names "https:\/\/a"/,
    ],
    [
      "has an issuer that is not there",
      { "GET /.well-known/oauth-authorization-server": () => error(502) },
      /is not found: \/\.well-known\/oauth-authorization-server is 502/,
    ],
  ])("fails when it %s", async (_, wrong, failure) => {
    const findings = await find({}, "secret", ["secret"], { ...(await startLogin(wrong)), hasKeyUrl: true });
    expect(failuresOf(findings)).toEqual([expect.stringMatching(failure)]);
  });
});

test("without a session, checks that need one are skipped", async () => {
  const { outcomes } = await find({ initialize: error(503) });
  expect(outcomes.slice(4).map(({ state }) => state)).toEqual(["failed", ...Array(6).fill("skipped")]);
});

test("a service that wants a token we do not have says which", async () => {
  const { outcomes } = await find({ initialize: error(401) });
  expect(outcomes[4]?.hint).toMatch(/^set MCP_BEARER_TOKEN /);
});

test("a service that does not answer fails, and says why", async () => {
  const findings = await examine(service, {
    client: new McpClient(service.url, undefined),
    tokens: [],
    probe: undefined,
  });
  expect(failuresOf(findings)).toEqual([expect.stringMatching(/^health: connect ECONNREFUSED 127.0.0.1:1/)]);
  expect(isUnreached(findings)).toBe(true);
});

test("a service that needs something is listed but has not failed; one that failed has", async () => {
  const lacking: Findings = { service: { ...service, name: "coda", state: "needs", needs: "A_TOKEN" }, outcomes: [] };
  const failed: Findings = {
    service: { ...service, name: "files", state: "failed", error: "exit code 1" },
    outcomes: [],
  };
  const fine = await find();
  expect([lacking, failed].map(isFine)).toEqual([true, false]);
  expect(report([fine, lacking]).slice(-2)).toEqual([
    "coda is not checked: it needs A_TOKEN",
    "all is well (1 of 2 checked)",
  ]);
  expect(report([lacking]).at(-1)).toBe("nothing was checked: none of these services runs");
  expect(report([fine, failed]).slice(-2)).toEqual(["files failed: exit code 1", "not well: files"]);
  expect(document([fine, failed], "hub")).toMatchObject({ hub: "hub", ok: false, services: [{ name: "memory" }, {}] });
});

test("a failure in the table is followed by its reason and by advice", async () => {
  const lines = report([await find({ "GET /ready": error(503) })]).map(stripVTControlCharacters);
  expect(lines[0]).toMatch(/^memory +FAIL +1 of 1[01] checks +2 tools, stream after \d+ ms$/);
  expect(lines).toContain("memory, ready: GET /ready is 503, expected 200");
  expect(lines.join("\n")).toContain("    its server does not answer: look into its log: npx gangway logs memory");
});
