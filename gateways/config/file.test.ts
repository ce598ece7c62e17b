import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  expectedInstead,
  type GatewayConfig,
  isList,
  type Option,
  serviceOptions,
  type ServiceValues,
  sharedOptions,
} from "../config.ts";
import { readConfigFile } from "./file.ts";

const folder = mkdtempSync(join(tmpdir(), "gangway-file-"));
const path = join(folder, "gateway.json");
afterAll(() => rmSync(folder, { recursive: true }));

/** The configuration that a file with this content gives. */
function read(content: unknown, flags: Record<string, string> = {}, env: Record<string, string> = {}) {
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return readConfigFile(path, new Map(Object.entries(flags)), { env, plain: true });
}

const memory = { command: "server-memory" };
/** A file with one service: with these keys in its entry, or beside it. */
const withEntry = (entry: object) => ({ mcpServers: { memory: { ...memory, ...entry } } });
const withTop = (top: object) => ({ ...top, mcpServers: { memory } });

/** A gateway.json as an operator of the first stack has it, with its services added. */
const WHOLE = {
  port: 3000,
  logLevel: "info",
  cors: { enabled: true, origins: ["*"] },
  rateLimit: { enabled: true, max: 100, window: "15m" },
  session: { secret: "0123456789abcdef0123456789abcdef", maxAge: 3600000 },
  mcpServers: {
    filesystem: { command: "npx", args: ["-y", "@modelcontextprotocol/server-filesystem", "/data"] },
    coda: { url: "https://coda.io/apis/mcp", headers: { Authorization: "Bearer ${CODA_API_TOKEN}" }, port: 0 },
    github: { needs: "Docker and GITHUB_PERSONAL_ACCESS_TOKEN", port: 8081 },
  },
};

test("port, logLevel, cors, rateLimit and session mean what they say", () => {
  const config = read(WHOLE, {}, { CODA_API_TOKEN: "c", MCP_BEARER_TOKEN: "t" });
  expect(config).toMatchObject({ hub: true, port: 3_000, host: "127.0.0.1", logLevel: "info", tokens: ["t"] });
  expect(config.allowedOrigins).toEqual(["*"]);
  expect(config).toMatchObject({ requestRate: { times: 100, per: 900 }, requestBurst: 100, exemptLoopback: false });
  expect(config.services.map(({ idleTtl }) => idleTtl)).toEqual([3_600_000, 3_600_000, 3_600_000]);
});

test("a service is a command, a URL or what it needs", () => {
  const { services } = read(WHOLE, {}, { CODA_API_TOKEN: "c", MCP_BEARER_TOKEN: "t" });
  expect(services.map(({ name, port }) => [name, port])).toEqual([
    ["filesystem", undefined],
    ["coda", 0],
    ["github", 8_081],
  ]);
  expect(services.map(({ server }) => server)).toEqual([
    {
      kind: "stdio",
      command: "npx",
      args: WHOLE.mcpServers.filesystem.args,
      env: {},
      cwd: undefined,
      hidden: [expect.any(String)],
    },
    { kind: "http", url: "https://coda.io/apis/mcp", headers: { Authorization: "Bearer c" } },
    { kind: "needs", needs: "Docker and GITHUB_PERSONAL_ACCESS_TOKEN" },
  ]);
});

test("a file with nothing but a command has the defaults of everything else", () => {
  const config = read(withTop({}));
  expect(config).toMatchObject({
    port: 3_000,
    requestRate: { times: 50, per: 1 },
    requestBurst: 100,
    allowedOrigins: [],
    exemptLoopback: false,
  });
  expect(config.services[0]).toMatchObject({
    isolation: "session",
    serial: false,
    idleTtl: 1_800_000,
    version: undefined,
  });
});

test("the options of flags are keys: numbers, switches and lists are written as such", () => {
  const config = read({
    ...withEntry({ isolation: "shared", serial: true, revive: false, idleTtl: "5m", maxSessions: 7, version: "2.0.0" }),
    maxBody: "1MiB",
    allowedHosts: ["a.example", "b.example"],
    drainDelay: "12s",
  });
  expect(config).toMatchObject({ maxBody: 1_048_576, allowedHosts: ["a.example", "b.example"], drainDelay: 12_000 });
  const service = {
    isolation: "shared",
    serial: true,
    revive: false,
    idleTtl: 300_000,
    maxSessions: 7,
    version: "2.0.0",
  };
  expect(config.services[0]).toMatchObject(service);
});

/** A text that each option can read and that is not its default, found by trying. */
const samples = Object.entries<Option<unknown>>({ ...serviceOptions, ...sharedOptions }).map(([key, option]) => {
  const candidates = [
    "true",
    "false",
    "shared",
    "debug",
    "7",
    "7s",
    "https://a.example",
    "bearer",
    "team=read_*",
    "https://a.example/mcp",
  ];
  candidates.push("fedcba9876543210fedcba9876543210");
  const legal = candidates.filter((text) => text !== option.default && expectedInstead(option, text) === undefined);
  return [key, option, legal[0] ?? option.default ?? ""] as const;
});

test.each(samples)("%s can be set in the entry of a service, and is then that service's alone", (key, option, text) => {
  const own = key === "serial" ? { isolation: "shared", serial: text } : { [key]: text };
  const mcpServers = { memory: { ...memory, ...own }, other: memory };
  const [value, fallback] = read({ mcpServers }).services.map((service) => service[key as keyof ServiceValues]);
  expect(value).toEqual(option.read(text));
  expect(fallback).toEqual(
    option.default === undefined ? (isList(option) ? [] : undefined) : option.read(option.default),
  );
});

test.each(samples.filter(([key]) => key in sharedOptions))(
  "%s at the top, or as a flag, is every service's that does not set it",
  (key, option, text) => {
    const own = { [key]: option.default ?? (key === "allow" ? "*=list_*" : "https://b.example") };
    const mcpServers = { memory: { ...memory, ...own }, other: memory };
    const valuesIn = (config: GatewayConfig) => config.services.map((service) => service[key as keyof ServiceValues]);
    const [first, second] = valuesIn(read({ [key]: text, mcpServers }));
    expect([first, second]).toEqual([option.read(own[key]!), option.read(text)]);
    expect(valuesIn(read({ mcpServers }, { [key]: text }))[1]).toEqual(option.read(text));
  },
);

test("an entry's own idleTtl wins over the session's maxAge", () => {
  const file = { session: { maxAge: 60_000 }, ...withEntry({ idleTtl: "5m" }) };
  expect(read(file).services[0]?.idleTtl).toBe(300_000);
});

test("cors and rateLimit are on unless they say otherwise", () => {
  const top = { cors: { origins: ["https://a.example"] }, rateLimit: { max: 7, window: "1m" } };
  const on = { allowedOrigins: ["https://a.example"], requestRate: { times: 7, per: 60 }, requestBurst: 7 };
  expect(read(withTop(top))).toMatchObject(on);
  expect(read(withTop({ rateLimit: { max: 7 } }))).toMatchObject({
    requestRate: { times: 50, per: 1 },
    requestBurst: 7,
  });
  expect(read(withTop({ rateLimit: { window: "1m" } }))).toMatchObject({
    requestRate: { times: 50, per: 1 },
    requestBurst: 100,
  });
});

test("what is switched off is off", () => {
  expect(read(withTop({ cors: { enabled: false, origins: ["*"] } })).allowedOrigins).toEqual([]);
  const unlimited = read(withTop({ rateLimit: { enabled: false, max: 1, window: "1d" } }));
  expect(unlimited).toMatchObject({ requestRate: { times: 0, per: 1 }, sessionRate: 0 });
});

const kindOf = (type: object) => read({ mcpServers: { a: { url: "http://a/mcp", ...type } } }).services[0]?.server.kind;

test("a url speaks Streamable HTTP unless its type says sse", () => {
  expect(kindOf({})).toBe("http");
  expect(kindOf({ type: "streamable-http" })).toBe("http");
  expect(kindOf({ type: "sse" })).toBe("sse");
});

test("a flag wins over the file", () => {
  expect(read(withTop({ port: 1, logLevel: "info" }), { port: "2" })).toMatchObject({ port: 2, logLevel: "info" });
  expect(read(withTop({ rateLimit: { max: 1, window: "1d" } }), { requestRate: "9/s" }).requestRate).toEqual({
    times: 9,
    per: 1,
  });
});

test("tokens of the flag or the environment are accepted beside those of the file, each once", () => {
  const file = { tokens: ["a", "b"], ...withEntry({}) };
  expect(read(file, { token: "b\nc" }, { MCP_BEARER_TOKEN: "d" }).tokens).toEqual(["a", "b", "c"]);
  expect(read(file, {}, { MCP_BEARER_TOKEN: "d" }).tokens).toEqual(["a", "b", "d"]);
  expect(read(withEntry({}), {}, { MCP_BEARER_TOKEN: "d" }).tokens).toEqual(["d"]);
});

/** What signs when this is the file's session.secret. */
const secretOf = (secret: string, env = {}) => read(withTop({ session: { secret } }), {}, env).sessionSecret;

test("session.secret signs, also by reference", () => {
  const strong = "0123456789abcdef0123456789abcdef";
  expect(secretOf(strong)).toBe(strong);
  expect(secretOf("${SECRET}", { SECRET: strong })).toBe(strong);
  expect(() => secretOf("${SECRET}")).toThrow("session.secret: ${SECRET} is not set in the environment");
});

test("${NAME} is filled from the environment wherever a secret may stand", () => {
  const env = { A: "one", B: "$&two" };
  const config = read(
    { tokens: ["${A}"], ...withEntry({ args: ["--x=${A}${B}"], env: { K: "v${B}" }, tokens: ["${B}"] }) },
    {},
    env,
  );
  expect(config.tokens).toEqual(["one"]);
  expect(config.services[0]).toMatchObject({
    tokens: ["$&two"],
    server: { args: ["--x=one$&two"], env: { K: "v$&two" } },
  });
});

test.each([
  [{ tokens: ["${A}"], ...withEntry({}) }, "tokens.0"],
  [withEntry({ tokens: ["${A}"] }), "mcpServers.memory.tokens.0"],
  [{ logLevel: "${A}", ...withEntry({}) }, "logLevel"],
  [withEntry({ idleTtl: "${A}" }), "mcpServers.memory.idleTtl"],
])("what %j refers to must be set, where it is not the server's own", (content, where) => {
  expect(() => read(content)).toThrow(`${path}: ${where}: \${A} is not set in the environment`);
  expect(() => read(content, {}, { A: "" })).toThrow(`${where}: \${A} is not set`);
});

test.each([
  withEntry({ env: { KEY: "${A}", OTHER: "${B}" } }),
  withEntry({ args: ["${A}", "--x=${B}"] }),
  withEntry({ command: "${A}", cwd: "${B}" }),
  { mcpServers: { c: { url: "http://${A}", headers: { Auth: "${B}" } } } },
])("a service whose variables are not set needs them, and stops no other: %j", (content) => {
  expect(read(content).services[0]?.server).toEqual({ kind: "needs", needs: "A and B" });
  expect(read(content, {}, { A: "", B: "b" }).services[0]?.server).toEqual({ kind: "needs", needs: "A" });
});

test("an entry that has failed says why, in words that are no text to be filled", () => {
  const content = { mcpServers: { a: { failed: "no ${HOME} here" } } };
  expect(read(content).services[0]?.server).toEqual({ kind: "failed", failed: "no ${HOME} here" });
  expect(() => read({ mcpServers: { a: { failed: "x", needs: "y" } } })).toThrow("expected one");
});
