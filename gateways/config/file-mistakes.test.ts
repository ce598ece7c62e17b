/** What gateway.json says when something in it is wrong: which key, what was got, what was expected. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ConfigError } from "../config.ts";
import { readConfigFile } from "./file.ts";

const folder = mkdtempSync(join(tmpdir(), "gangway-mistakes-"));
const path = join(folder, "gateway.json");
afterAll(() => rmSync(folder, { recursive: true }));

/** The message that a file with this content is refused with. */
function mistakeIn(content: unknown, flags: Record<string, string> = {}): string {
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  try {
    readConfigFile(path, new Map(Object.entries(flags)), { env: {}, plain: false });
  } catch (error) {
    if (error instanceof ConfigError) return error.message.replaceAll(`${path}: `, "");
    throw error;
  }
  return "no mistake";
}

const GOOD = "7e1f9c3a5b8d20e46c1f7a9b";
const mcpServers = { memory: { command: "server-memory" } };
const entry = (own: unknown) => ({ mcpServers: { memory: own } });

test.each([
  [{ prot: 1, mcpServers }, "prot: unknown key, did you mean port?"],
  [{ mcpservers: mcpServers, mcpServers }, "mcpservers: unknown key, did you mean mcpServers?"],
  [{ max_body: "1MiB", mcpServers }, "max_body: unknown key, did you mean maxBody?"],
  [{ cors: { origin: [] }, mcpServers }, "cors.origin: unknown key, did you mean origins?"],
  [{ rateLimit: { windows: "1m" }, mcpServers }, "rateLimit.windows: unknown key, did you mean window?"],
  [{ session: { maxage: 1 }, mcpServers }, "session.maxage: unknown key, did you mean maxAge?"],
  [entry({ comand: "x", command: "x" }), "mcpServers.memory.comand: unknown key, did you mean command?"],
  [entry({ command: "x", autoAprove: [] }), "mcpServers.memory.autoAprove: unknown key, did you mean autoApprove?"],
  [entry({ command: "x", disable: true }), "mcpServers.memory.disable: unknown key, did you mean disabled?"],
  [entry({ command: "x", idle_ttl: "5m" }), "mcpServers.memory.idle_ttl: unknown key, did you mean idleTtl?"],
  [{ whatever: 1, mcpServers }, "whatever: unknown key"],
  [{ rateLimit: { max: 0 }, mcpServers }, "rateLimit.max: expected 1 or more"],
  [{ session: { maxAge: -1 }, mcpServers }, "session.maxAge: expected 1 or more"],
  ['{"__proto__": {}, "mcpServers": {}}', "__proto__: unknown key"],
])("an unknown key in %j names the nearest known one", (content, message) => {
  expect(mistakeIn(content)).toBe(message);
});

test("all mistakes are reported at once, each on a line of its own", () => {
  const lines = mistakeIn({ prot: 1, hots: 2, cors: { enabled: "yes" }, ...entry({ comand: "x" }) }).split("\n");
  expect(new Set(lines.map((line) => line.split(":")[0]))).toEqual(
    new Set(["cors.enabled", "hots", "mcpServers.memory.comand", "prot"]),
  );
});

test.each([
  [{ port: "http", mcpServers }, 'port: got "http", expected a whole number from 0 to 65535'],
  [{ port: 70_000, mcpServers }, 'port: got "70000", expected a whole number from 0 to 65535'],
  [{ logLevel: "loud", mcpServers }, 'logLevel: got "loud", expected one of trace, debug'],
  [{ maxBody: -1, mcpServers }, 'maxBody: got "-1", expected a size such as'],
  [
    entry({ command: "x", isolation: "none" }),
    'mcpServers.memory.isolation: got "none", expected one of session, shared',
  ],
  [entry({ command: "x", idleTtl: 5 }), 'mcpServers.memory.idleTtl: got "5", expected a duration such as'],
  [entry({ command: "x", port: "http" }), 'mcpServers.memory.port: got "http", expected a whole number from 0'],
  [entry({ command: "x", port: 70_000 }), 'mcpServers.memory.port: got "70000", expected a whole number from 0'],
  [entry({ command: "x", args: "-y" }), "mcpServers.memory.args: expected a list in brackets"],
  [entry({ command: "x", env: ["K"] }), "mcpServers.memory.env: expected an object in braces"],
  [entry({ command: 1 }), "mcpServers.memory.command: expected text in quotes"],
  [entry("npx server"), "mcpServers.memory: expected an object in braces"],
  [{ rateLimit: { window: 15 }, mcpServers }, "rateLimit.window: expected text in quotes"],
  [entry({ command: "x", host: "::" }), "mcpServers.memory.host: belongs at the top of the file, for all services"],
  [{ command: "x" }, "command: belongs in the entry of a service, below mcpServers"],
  [{ mcpServers: ["memory"] }, "mcpServers: expected an object with a server for each name"],
  [{ mcpServers, servers: mcpServers }, "got memory in both mcpServers and servers, expected one of them"],
  [{ servers: mcpServers, mcp: { servers: mcpServers } }, "got memory in both servers and mcp, expected one of them"],
  [{ context_servers: [] }, "context_servers: expected an object with a server for each name"],
  [{ mcp: { servers: { a: 5 } } }, "mcpServers.a: expected an object in braces"],
  [{ mcpServers, cors: {}, allowedOrigins: [] }, "got both cors and allowedOrigins, expected one of them"],
  [{ mcpServers, session: { maxAge: 1 }, idleTtl: "1m" }, "got both session.maxAge and idleTtl, expected one of them"],
  [entry({ url: "coda.io" }), 'mcpServers.memory.url: got "coda.io", expected an http or https URL'],
  [
    entry({ url: "file:///etc/passwd" }),
    'mcpServers.memory.url: got "file:///etc/passwd", expected an http or https URL',
  ],
  [entry({}), "mcpServers.memory: got 0 of command, url, group and needs, expected one"],
  [entry({ command: "x", url: "http://y" }), "mcpServers.memory: got 2 of command, url, group and needs, expected one"],
  [entry({ command: "x", serial: true }), "mcpServers.memory.serial: got isolation session, expected shared"],
  ["[]", "the file: expected an object in braces"],
  ["null", "the file: expected an object in braces"],
])("%j says which key is wrong, what was got and what was expected", (content, message) => {
  expect(mistakeIn(content)).toContain(message);
});

test.each(["Memory", "my_server", "-a", "a-", "a/b", "", "a.b", "x".repeat(64)])(
  "%j is refused as a service's name: it cannot be part of a host name",
  (name) => {
    expect(mistakeIn({ mcpServers: { [name]: { command: "x" } } })).toMatch(/^mcpServers/);
  },
);

test("a file that is not JSON is refused with the parser's message", () => {
  expect(mistakeIn('{"port": 1,,}')).toMatch(/position|line 1/);
  expect(mistakeIn("")).toMatch(/JSON/);
});

test("a file that does not exist is named", () => {
  const missing = join(folder, "missing.json");
  expect(() => readConfigFile(missing, new Map(), { env: {}, plain: false })).toThrow(
    `${missing}: there is no such file`,
  );
});

test("an address that others can reach is refused while a service has no token", () => {
  const own = { host: "0.0.0.0", ...entry({ command: "x", tokens: [GOOD] }) };
  expect(mistakeIn(own)).toBe("no mistake");
  const message = 'got 0.0.0.0, where others can reach it, without a bearer token: set "tokens"';
  expect(mistakeIn({ mcpServers, host: "0.0.0.0" })).toContain(message);
  expect(mistakeIn({ mcpServers }, { host: "0.0.0.0" })).toContain(message);
  expect(mistakeIn({ mcpServers, host: "0.0.0.0", tokens: [GOOD] })).toBe("no mistake");
  expect(mistakeIn({ mcpServers, host: "0.0.0.0" }, { token: GOOD })).toBe("no mistake");
});

const servers = (ports: object) =>
  Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, { command: "x", port: port as number }]));

test("two services cannot have one port, nor one of them the hub's", () => {
  expect(mistakeIn({ mcpServers: servers({ a: 8_081, b: 8_082, c: 8_081 }) })).toBe(
    "mcpServers.c.port: got 8081, which is the port of a",
  );
  expect(mistakeIn({ port: 4_000, mcpServers: servers({ a: 4_000 }) })).toBe(
    "mcpServers.a.port: got 4000, which is the port of the hub",
  );
  expect(mistakeIn({ mcpServers: servers({ a: 8_081 }) }, { port: "8081" })).toMatch(/the port of the hub/);
  expect(mistakeIn({ port: 0, mcpServers: servers({ a: 0, b: 0, c: 8_081 }) })).toBe("no mistake");
});

test.each(["change-this-secret", "short", "0123456789"])("session.secret %j is refused, and not repeated", (secret) => {
  const refusal = "session.secret: expected at least 32 random characters, such as `openssl rand -hex 32` makes";
  expect(mistakeIn({ mcpServers, session: { secret } })).toBe(refusal);
  expect(mistakeIn({ mcpServers, sessionSecret: secret })).toBe(refusal.replace("session.secret", "sessionSecret"));
});

test("a flag that concerns one service is refused beside a file", () => {
  expect(mistakeIn({ mcpServers }, { stdio: "x" })).toContain("--stdio: not together with --config");
});
