/** What `npx gangway verify` checks of each service, in this order. A check throws what is wrong. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Probe } from "../../stacks/catalog/entry.ts";
import { manual } from "../../stacks/project.ts";
import { mcpName } from "../../stacks/catalog/gateway-options.ts";
import { ASKED, toldIn } from "../kit/maintenance.ts";
import type { McpClient } from "../kit/mcp/client.ts";
import { announce } from "./announce.ts";
import { findLogin, type LoginSubject } from "./login.ts";
import { isAccepted } from "./tokens.ts";

/** The service that is checked, and what is known about it beforehand. */
export interface Subject {
  readonly name: string;
  readonly client: McpClient;
  /** How many tools the hub counted; undefined if no hub was asked. */
  readonly tools: number | undefined;
  readonly probe: Probe | undefined;
  /** Every token that opens it: during a rotation there are several. */
  readonly tokens: readonly string[];
  /** What a client finds that logs in. `client` is where tokens are taken, if they are. @default - nobody logs in */
  readonly login?: LoginSubject | undefined;
}

/** One thing that must be true. */
export interface Check {
  /** The column of the table. */
  readonly name: string;
  /** What to do when it fails. */
  readonly hint: string;
  /** Whether it needs a session. */
  readonly needsSession?: true;
  /** Returns a word for the table, "ok" by default. */
  readonly run: (subject: Subject) => Promise<string | void>;
}

/** A failure that every later check would repeat. */
export class Unauthorized extends Error {
  readonly hint = "set MCP_BEARER_TOKEN (environment or .env) to the token that the gateway was started with";
}

/** Returned by a check that does not apply. */
export const skipped = "-";

/** Something in front of the gateway answers in its place, and would to every other check. */
export class NotTheGateway extends Error {
  readonly hint =
    "a proxy answers, and does not reach the gateway: npx gangway status shows what runs, and the next npx gangway deploy starts what does not";
}

/** The proxy answers in its place until somebody switches that off, and would to every other check. */
export class InMaintenance extends Error {
  readonly hint = "maintenance is on: npx gangway maintenance off, once the work is done";
}

/** `<service>` is filled in. */
const seeLog = "look into its log: npx gangway logs <service> (--env says of which deployment)";

export const checks: readonly Check[] = [
  { name: "health", hint: seeLog, run: health },
  { name: "ready", hint: `its server does not answer: ${seeLog}`, run: ready },
  {
    name: "oauth",
    hint: `clients find no login where it should be, or one where tokens are taken, and drop their token: ${manual.operate}, "Logins"`,
    run: discovery,
  },
  { name: "token", hint: "deploy, or start again, with the MCP_BEARER_TOKEN that verify has", run: tokens },
  { name: "init", hint: `no session can be opened: ${seeLog}`, run: initialize },
  { name: "tools", hint: seeLog, run: toolsList, needsSession: true },
  { name: "call", hint: `its server refuses a harmless call: ${seeLog}`, run: toolsCall, needsSession: true },
  {
    name: "stream",
    hint: "something between here and the gateway buffers the stream: switch that off",
    run: stream,
    needsSession: true,
  },
  {
    name: "lost",
    hint: "a client would not notice that its session has ended",
    run: unknownSession,
    needsSession: true,
  },
  {
    name: "413",
    hint: "bodies of any size are read: is MAX_BODY raised, or is this not the gateway?",
    run: oversized,
    needsSession: true,
  },
  {
    name: "end",
    hint: `sessions pile up until they are idle too long: ${seeLog}`,
    run: endSession,
    needsSession: true,
  },
];

async function health({ name, client }: Subject): Promise<void> {
  const { status, json } = await client.get("/health");
  if ([502, 503, 504].includes(status) && json?.["service"] === undefined)
    throw new NotTheGateway(`GET /health: ${status} from a proxy, expected 200`);
  expect("GET /health", status, 200);
  expect('its "status"', json?.["status"], "ok");
  expect('its "service"', json?.["service"], mcpName(name));
  for (const field of ["version", "timestamp"]) expect(`the type of its "${field}"`, typeof json?.[field], "string");
}

async function ready({ client }: Subject): Promise<void> {
  expect("GET /ready", (await client.get("/ready")).status, 200);
  const told = toldIn((await client.get(ASKED)).json);
  if (told !== undefined) throw new InMaintenance(`callers are told: ${told}`);
}

async function discovery({ client, login }: Subject): Promise<void> {
  if (login !== undefined) await findLogin(login);
  if (login !== undefined && !login.hasKeyUrl) return;
  for (const path of ["oauth-authorization-server", "oauth-protected-resource", "openid-configuration"])
    expect(`GET /.well-known/${path}`, (await client.get(`/.well-known/${path}`)).status, 404);
}

async function tokens({ client, tokens: all }: Subject): Promise<string | void> {
  if (!client.hasToken) return skipped;
  const { status, json } = await client.post("initialize", {}, { authorization: "Bearer invalid" });
  expect("initialize with a bad token", status, 401);
  expectError("its body", json);
  const answers = await Promise.all(all.map((token) => isAccepted(client, token)));
  const refused = answers.filter((accepted) => !accepted).length;
  // Where all are, the next check says so, and what to do.
  if (refused > 0 && refused < all.length)
    throw new Error(`${refused} of ${all.length} tokens that should open it are refused`);
}

async function initialize({ client, login }: Subject): Promise<string | void> {
  if (login !== undefined && !login.hasKeyUrl) return skipped; // a person would have to log in
  // As a person would type it with curl: no revision, no client name, any media type.
  const { status, headers, json } = await client.post("initialize", {});
  if (status === 401) throw new Unauthorized("initialize is 401, expected 200");
  expect("initialize", status, 200);
  expect("its protocolVersion's type", typeof resultOf(json)["protocolVersion"], "string");
  client.session = headers["mcp-session-id"]?.toString();
  expect("its Mcp-Session-Id's type", typeof client.session, "string");
  expect("notifications/initialized", (await client.post("notifications/initialized")).status, 202);
}

async function toolsList({ client, tools }: Subject): Promise<string> {
  const { status, json } = await client.post("tools/list");
  expect("tools/list", status, 200);
  const list = resultOf(json)["tools"];
  const found = Array.isArray(list) ? list.length : 0;
  if (tools === undefined) expect("whether there is a tool", found > 0, true);
  else expect("the number of tools (the hub's)", found, tools);
  return String(found);
}

async function toolsCall({ client, probe }: Subject): Promise<string | void> {
  if (!probe) return skipped;
  const { status, json } = await client.post("tools/call", { name: probe.tool, arguments: probe.arguments ?? {} });
  expect(`tools/call of ${probe.tool}`, status, 200);
  expect("its isError", resultOf(json)["isError"] ?? false, false);
}

/** The time to the first bytes of the stream, which come at once unless something on the way buffers them. */
async function stream({ client }: Subject): Promise<string> {
  const start = performance.now();
  const headers = { ...client.headers, accept: "text/event-stream" };
  const reply = await client.http.send({ method: "GET", headers });
  reply.on("error", () => {}); // we leave in the middle
  try {
    expect("GET /mcp", reply.statusCode, 200);
    expect("its content-type", reply.headers["content-type"]?.split(";")[0], "text/event-stream");
    const came = await Promise.race([once(reply, "data"), sleep(5_000, undefined, { ref: false })]);
    if (!came) throw new Error("no byte came within 5 s");
    return `${Math.max(1, Math.round(performance.now() - start))} ms`;
  } finally {
    reply.destroy();
  }
}

async function unknownSession({ client }: Subject): Promise<void> {
  const { status, json } = await client.post("tools/list", {}, { "mcp-session-id": "no-such-session" });
  expect("a call in an unknown session", status, 404);
  expectError("its body", json);
}

async function oversized({ client }: Subject): Promise<void> {
  const { status, json } = await announce(client, 10 * 1024 * 1024 + 1);
  expect("a body of 10 MiB and a byte", status, 413);
  expectError("its body", json);
}

async function endSession({ client }: Subject): Promise<void> {
  const { status } = await client.delete();
  expect("DELETE /mcp", status === 204 ? 200 : status, 200); // the specification allows both
  expect("a call after it", (await client.post("tools/list")).status, 404);
}

function expect(what: string, got: unknown, expected: unknown): void {
  if (got !== expected) throw new Error(`${what} is ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`);
}

function expectError(what: string, json: Record<string, unknown> | undefined): void {
  const code = (json?.["error"] as { code?: unknown } | undefined)?.code;
  if (typeof code !== "number") throw new Error(`${what} is ${JSON.stringify(json)}, expected a JSON-RPC error`);
}

function resultOf(json: Record<string, unknown> | undefined): Record<string, unknown> {
  const result = json?.["result"];
  if (typeof result === "object" && result !== null) return result as Record<string, unknown>;
  throw new Error(`the answer is ${JSON.stringify(json)}, expected a result`);
}
