import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readConfig, variables } from "./config.ts";
import { Resources } from "./resources.ts";

const least = { ISSUER: "https://auth.example.org", DATA_DIR: "/data", RESOURCES_FILE: "/resources.json" };

function fileWith(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "auth-config-")), "file");
  writeFileSync(file, text);
  return file;
}

test("the least that is needed gives the defaults", () => {
  expect(readConfig(least)).toEqual({
    issuer: "https://auth.example.org",
    host: "127.0.0.1",
    port: 8078,
    state: { redis: undefined, dataDir: "/data" },
    resourcesFile: "/resources.json",
    cookieSecret: undefined,
    trustedProxies: [],
    upstream: undefined,
    localAccounts: true,
    drainDelay: 0,
    logLevel: "info",
  });
});

test("every mistake is told at once, with what was got and expected", () => {
  const wrong = { ISSUER: "http://auth.example.org", PORT: "http", LOG_LEVEL: "loud", UPSTREAM_ISSUER: "github" };
  const told = () => readConfig(wrong);
  for (const name of [
    "ISSUER",
    "PORT",
    "LOG_LEVEL",
    "DATA_DIR",
    "RESOURCES_FILE",
    "UPSTREAM_CLIENT_ID",
    "UPSTREAM_ALLOW",
  ])
    expect(told).toThrow(name);
  expect(told).toThrow('ISSUER: got "http://auth.example.org", expected an https URL');
  expect(told).toThrow('PORT: got "http", expected a whole number from 0 to 65535');
});

describe("the issuer", () => {
  test.each(["https://auth.example.org", "https://auth.example.org/", "http://127.0.0.1:8078", "http://localhost:1"])(
    "%s is taken, without a slash",
    (ISSUER) => {
      expect(readConfig({ ...least, ISSUER }).issuer).toBe(ISSUER.replace(/\/$/, ""));
    },
  );

  test.each([
    "https://auth.example.org/path",
    "https://auth.example.org?x",
    "https://u@auth.example.org",
    "HTTPS://x.org",
    "x",
  ])("%s is refused: clients compare it character by character", (ISSUER) => {
    expect(() => readConfig({ ...least, ISSUER })).toThrow("ISSUER");
  });
});

test("secrets are read from files, and a short one for cookies is refused without being shown", () => {
  const COOKIE_SECRET_FILE = fileWith("x".repeat(40) + "\n");
  expect(readConfig({ ...least, COOKIE_SECRET_FILE }).cookieSecret).toBe("x".repeat(40));
  const short = () => readConfig({ ...least, COOKIE_SECRET_FILE: fileWith("too-short") });
  expect(short).toThrow("expected at least 32");
  expect(short).not.toThrow("too-short");
  expect(() => readConfig({ ...least, COOKIE_SECRET_FILE: "/nowhere" })).toThrow("cannot read /nowhere (ENOENT)");
});

test("STATE_URL puts everything into Redis, with its password from a file", () => {
  const { DATA_DIR: _folder, ...rest } = least;
  const password = fileWith("of-redis\n");
  const redis = { ...rest, STATE_URL: "rediss://ada@redis.example.org/2", STATE_PASSWORD_FILE: password };
  const state = { url: redis.STATE_URL, password: "of-redis", prefix: "gangway:auth:" };
  expect(readConfig(redis).state).toEqual({ redis: state, dataDir: undefined });
  expect(readConfig({ ...redis, STATE_PREFIX: "two:" }).state.redis!.prefix).toBe("two:");
});

test.each([
  [{ STATE_URL: "redis://:do-not-show@host" }, "STATE_PASSWORD_FILE"],
  [{ STATE_URL: "http://host" }, "redis://host:6379"],
  [{ STATE_PASSWORD: "do-not-show" }, "without STATE_URL"],
  [{ STATE_URL: "redis://host", STATE_PASSWORD: "do-not-show", STATE_PASSWORD_FILE: "/nowhere" }, "set both"],
  [{ STATE_URL: "redis://host", STATE_PREFIX: "a b" }, "STATE_PREFIX"],
])("%j is refused, and no password is repeated", (state, why) => {
  const told = () => readConfig({ ...least, ...state });
  expect(told).toThrow(why);
  expect(told).not.toThrow("do-not-show");
});

test("each variable is explained, here and in the README", () => {
  const readme = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
  for (const name of Object.keys(variables)) expect(readme).toMatch(new RegExp(`^\\|[^|]*\`${name}\``, "m"));
  for (const help of Object.values(variables)) expect(help).toMatch(/^\S.{15,}[^.]$/);
});

test.each([
  ["{}", /is not a list/],
  ["nonsense", /cannot read/],
  ["[null]", /\[0\].service/],
  [
    '[{"service":"a b","urls":["x"],"secretDigests":["short"],"groups":"x"}]',
    /\.service.*\n.*\.urls.*\n.*\.secretDigests.*\n.*\.groups/,
  ],
  [
    '[{"service":"a","urls":["https://a/"],"secretDigests":[]},{"service":"a","urls":["https://b/"],"secretDigests":[]}]',
    /got a twice/,
  ],
])("a resources file with %s is refused with what is wrong", (text, why) => {
  expect(() => new Resources(fileWith(text), () => undefined)).toThrow(why);
});
