/** Which variables set options of the gateway, and what is said of those that do not. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isPlainName, variableOf, type Option } from "../config.ts";
import { allOptions } from "./every-option.ts";
import { settingOf, type Environment } from "./environment.ts";
import { readConfigFile } from "./file.ts";
import { readArguments, readOneServer } from "./flags.ts";

/** What a person starts on a machine of theirs, and what a container runs. */
const byHand = (env: Environment, ...flags: string[]) =>
  readOneServer(readArguments(["--stdio", "server", ...flags]), { env, plain: false });
const inContainer = (env: Environment) =>
  readOneServer(readArguments([]), { env: { SERVER_COMMAND: "server", ...env }, plain: true });

function withFile(env: Environment) {
  const path = join(mkdtempSync(join(tmpdir(), "environment-")), "gateway.json");
  writeFileSync(path, '{"mcpServers":{"memory":{"command":"server"}}}');
  return readConfigFile(path, new Map(), { env, plain: false });
}

const options = Object.entries<Option<unknown>>(allOptions);

test.each(options)("%s is set by its whole name everywhere, and by the plain one in a container", (_, option) => {
  const whole = { [variableOf(option)]: "x" };
  const plain = { [option.env]: "x" };
  for (const variables of [
    { env: whole, plain: false },
    { env: whole, plain: true },
    { env: plain, plain: true },
  ])
    expect(settingOf(option, variables)?.text).toBe("x");
  expect(settingOf(option, { env: plain, plain: false })?.text).toBe(isPlainName(option.env) ? "x" : undefined);
});

test("the HOST of conda and tcsh, and whatever else a shell has, does no harm to who starts a gateway", () => {
  const shell = {
    HOST: "x86_64-conda-linux-gnu",
    PORT: "tcp",
    AUTH: "basic",
    SERIAL: "1",
    REVIVE: "x",
    LOG_LEVEL: "loud",
    SERVER_URL: "http://other",
    SERVICE_NAME: "web",
    SESSION_SECRET: "short",
  };
  expect(byHand(shell)).toMatchObject({ host: "127.0.0.1", port: 8_080, services: [{ name: "server" }] });
  expect(withFile(shell)).toMatchObject({ host: "127.0.0.1", port: 3_000 });
});

test("plain names that are not read are noted with the names that are", () => {
  const advice = "set GANGWAY_PORT, GANGWAY_HOST instead if they are meant for the gateway";
  expect(byHand({ HOST: "h", PORT: "1" }).notes).toEqual([
    `PORT, HOST (from the environment) are not read here: ${advice}`,
  ]);
  expect(byHand({ PORT: "1", GANGWAY_PORT: "2" })).toMatchObject({ port: 2, notes: [] });
  expect(inContainer({ PORT: "1" }).notes).toEqual([]);
  expect(byHand({}).notes).toEqual([]);
});

test("the whole name wins over the plain one, and a flag over both", () => {
  expect(inContainer({ PORT: "1", GANGWAY_PORT: "2" }).port).toBe(2);
  expect(byHand({ GANGWAY_PORT: "2" }, "--port", "3").port).toBe(3);
});

test.each([
  [{ GANGWAY_PORT: "abc" }, 'GANGWAY_PORT (from the environment): got "abc", expected a whole number'],
  [{ GANGWAY_HOST: "0.0.0.0" }, "GANGWAY_HOST (from the environment): got 0.0.0.0, where others can reach it"],
  [{ GANGWAY_STATE_DIR_FILE: "/no/file" }, "GANGWAY_STATE_DIR_FILE: cannot read /no/file (ENOENT)"],
])("a mistake in %o says where it is", (env, message) => {
  expect(() => byHand(env)).toThrow(message);
});

test("a server that is only in a plain variable is named where none is found", () => {
  const variables = { env: { SERVER_COMMAND: "a" }, plain: false };
  expect(() => readOneServer(readArguments(["--port", "1"]), variables)).toThrow(
    /SERVER_COMMAND \(from the environment\) is read only where no flag .*: write GANGWAY_SERVER_COMMAND$/,
  );
});

test.each([
  ["GANGWAY_PROT", "GANGWAY_PORT"],
  ["GANGWAY_MAX_SESSION", "GANGWAY_MAX_SESSIONS"],
  ["GANGWAY_LOGLEVEL", "GANGWAY_LOG_LEVEL"],
  ["GANGWAY_TOKEN_DIGESTS", "MCP_TOKEN_DIGESTS"],
])("%s is told to be %s, most likely", (written, meant) => {
  const line = `${written} (from the environment) sets nothing, did you mean ${meant}?`;
  expect(byHand({ [written]: "1" }).warnings).toEqual([line]);
  expect(withFile({ [written]: "1" }).warnings).toEqual([line]);
});

test("what Kubernetes tells every container of a service named gangway sets nothing and alarms nobody", () => {
  const env = {
    GANGWAY_SERVICE_HOST: "10.0.0.1",
    GANGWAY_SERVICE_PORT: "80",
    GANGWAY_PORT: "tcp://10.0.0.1:80",
    GANGWAY_PORT_80_TCP_ADDR: "10.0.0.1",
  };
  expect(inContainer({ ...env, PORT: "81" })).toMatchObject({ port: 81, warnings: [] });
});
