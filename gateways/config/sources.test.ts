/** Every option beside --config: a flag wins over the environment, that over the file, and a service's own value over them all. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { flagOf, isList, isSwitch, serverOptions, type GatewayConfig } from "../config.ts";
import { OPTIONS, OTHERS, samples, type Key } from "../fixtures/option-samples.ts";
import { entryOptions } from "./file-shape.ts";
import { readConfigFile } from "./file.ts";

/** Good for every address and every list of origins. */
const TOKEN = "kTr5w0Zq8LmYp2VbXc7Nd4Hs";

function read(top: object, flags: Record<string, string> = {}, env: Record<string, string> = {}, entry: object = {}) {
  const path = join(mkdtempSync(join(tmpdir(), "sources-")), "gateway.json");
  const shared = "isolation" in entry || "isolation" in top || "isolation" in flags || env["ISOLATION"] !== undefined;
  const memory = { command: "server", ...(!shared && { isolation: "shared" }), ...entry };
  writeFileSync(path, JSON.stringify({ tokens: [TOKEN], ...top, mcpServers: { memory } }));
  return readConfigFile(path, new Map(Object.entries(flags)), { env, plain: true });
}

/** What a service has, or else the gateway. */
const valueOf = (config: GatewayConfig, key: Key): unknown =>
  ({ ...config, ...config.services[0], port: config.port })[key as keyof GatewayConfig];

/** Another text that the option can read, which the sample has to win over. */
function other(key: Key): string {
  const option = OPTIONS[key];
  if (isSwitch(option)) return samples.find(([name]) => name === key)?.[1][0] === "true" ? "false" : "true";
  if (isList(option)) return otherLists[key] ?? "127.0.0.9";
  return OTHERS[key] ?? option.default ?? "/another-text-of-32-characters-or-more";
}

/** Of lists that take no words alone. */
const otherLists: Partial<Record<Key, string>> = { allowedOrigins: "https://other.example", reviewedTools: "none" };

/** `isolation` has a test of its own, and the URL of a service follows from the hub's. */
const plainly = samples.filter(([key]) => key !== "isolation" && key !== "publicUrl");

test.each(plainly)("%s is set by its flag, its variable and the top of the file, in this order", (key, sample) => {
  const [written, value] = sample;
  const { env } = OPTIONS[key];
  expect(valueOf(read({ [key]: written }), key)).toEqual(value);
  expect(valueOf(read({ [key]: other(key) }, {}, { [env]: written }), key)).toEqual(value);
  expect(valueOf(read({ [key]: other(key) }, { [key]: written }, { [env]: other(key) }), key)).toEqual(value);
  expect(valueOf(read({ [key]: written }, {}, { [env]: "" }), key)).toEqual(value);
});

test("isolation is set by its flag, its variable and the top of the file, in this order", () => {
  expect(valueOf(read({ isolation: "shared" }), "isolation")).toBe("shared");
  expect(valueOf(read({ isolation: "session" }, {}, { ISOLATION: "shared" }), "isolation")).toBe("shared");
  const all = read({ isolation: "session" }, { isolation: "shared" }, { ISOLATION: "session" });
  expect(valueOf(all, "isolation")).toBe("shared");
});

test("the URL of a service follows from that of the hub, wherever that is set", () => {
  const [hub, service] = ["http://127.0.0.1:3000/mcp", "http://127.0.0.1:3000/memory/mcp"];
  expect(valueOf(read({ publicUrl: hub }), "publicUrl")).toBe(service);
  expect(valueOf(read({}, { publicUrl: hub }), "publicUrl")).toBe(service);
  expect(valueOf(read({}, {}, { PUBLIC_URL: hub }), "publicUrl")).toBe(service);
});

test.each(samples.filter(([key]) => key in entryOptions))(
  "%s of a service wins over what is set for all",
  (key, sample) => {
    const [written, value] = sample;
    const config = read(
      { [key]: other(key) },
      { [key]: other(key) },
      { [OPTIONS[key].env]: other(key) },
      { isolation: "shared", [key]: written },
    );
    expect(config.services[0]?.[key as keyof typeof entryOptions]).toEqual(value);
  },
);

/** Options that cannot be just any text. */
const strict = samples.filter(
  ([key]) => !isList(OPTIONS[key]) && !["stateDir", "ownerHost", "host", "metricsHost"].includes(key),
);

test.each(strict)("a mistake in %s names the flag, the variable or the key that it is in", (key) => {
  const wrong = "\u0000";
  expect(() => read({}, { [key]: wrong })).toThrow(`${flagOf(key)}: `);
  expect(() => read({}, {}, { [OPTIONS[key].env]: wrong })).toThrow(`${OPTIONS[key].env} (from the environment): `);
  expect(() => read({ [key]: wrong })).toThrow(`gateway.json: ${key}: `);
});

const tokens = ["token", "tokenFile", "tokenDigests", "namedTokens"];
const ofOneServer = Object.entries(serverOptions).filter(([key]) => !tokens.includes(key));

test.each(ofOneServer)("%s has no effect beside a file: its flag is refused, its variable is told", (key, { env }) => {
  expect(() => read({}, { [key]: "x" })).toThrow(`${flagOf(key)}: not together with --config`);
  expect(read({}, {}, { [env]: "x" }).warnings).toEqual([
    `${env} (from the environment): without effect beside --config: gateway.json names the servers`,
  ]);
});

test("what the file says twice is refused, since one of the two would have no effect", () => {
  const twice = [
    { cors: {}, allowedOrigins: [] },
    { rateLimit: {}, requestRate: "5/s" },
    { rateLimit: {}, requestBurst: 5 },
    { session: { secret: TOKEN + TOKEN }, sessionSecret: TOKEN + TOKEN },
    { session: { maxAge: 1 }, idleTtl: "1m" },
  ];
  for (const top of twice) expect(() => read(top)).toThrow(/got both .* and .*, expected one of them/);
});

test("the sections of the file stand behind flags and environment, too", () => {
  const top = {
    cors: { origins: ["https://a.example"] },
    rateLimit: { max: 100, window: "15m" },
    session: { maxAge: 60_000 },
  };
  const env = { ALLOWED_ORIGINS: "https://b.example", REQUEST_BURST: "7", IDLE_TTL: "5m" };
  const { services } = read(top, { requestRate: "9/s" }, env);
  expect(services[0]).toMatchObject({ allowedOrigins: ["https://b.example"], requestBurst: 7, idleTtl: 300_000 });
  expect(read(top).services[0]).toMatchObject({
    allowedOrigins: ["https://a.example"],
    requestBurst: 100,
    idleTtl: 60_000,
  });
});
