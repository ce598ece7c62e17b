import { expect, test } from "vitest";
import { flagOf, isList, isSwitch, type GatewayConfig, type Option } from "../config.ts";
import { OPTIONS, OTHERS, samples, type Key } from "../fixtures/option-samples.ts";
import type { Environment } from "./environment.ts";
import { commandLine } from "./units.ts";
import { readArguments, readOneServer } from "./flags.ts";

/** What a gateway needs to be one at all, without the variable of the option under test. */
function baseFor(key: Key): Environment {
  const base = { SERVER_COMMAND: "server", MCP_BEARER_TOKEN: "7e1f9c3a5b8d20e46c1f7a9b", ISOLATION: "shared" };
  return { ...base, [OPTIONS[key].env]: undefined };
}

const configure = (args: string[], env: Environment = {}) => readOneServer(readArguments(args), { env, plain: true });
const valueOf = (config: GatewayConfig, key: Key): unknown =>
  ({ ...config.services[0], ...config })[key as keyof GatewayConfig];

test.each(samples)("%s is set by its flag, as two words or one", (key, [written, value]) => {
  const env = baseFor(key);
  const spaced = isSwitch(OPTIONS[key]) ? [`${flagOf(key)}=${written}`] : [flagOf(key), written];
  expect(valueOf(configure(spaced, env), key)).toEqual(value);
  expect(valueOf(configure([`${flagOf(key)}=${written}`], env), key)).toEqual(value);
});

test.each(samples)("%s is set by its variable, and a flag wins", (key, [written, value]) => {
  const env = { ...baseFor(key), [OPTIONS[key].env]: written };
  expect(valueOf(configure([], env), key)).toEqual(value);
  const text = OTHERS[key] ?? "another text of 32 characters or more";
  const none = key === "tools" ? "*" : "";
  const other = isList(OPTIONS[key]) ? none : isSwitch(OPTIONS[key]) ? "false" : text;
  const { read, default: fallback = other } = OPTIONS[key] as Option<unknown>;
  expect(valueOf(configure([`${flagOf(key)}=${fallback}`], env), key)).toEqual(read(fallback));
});

test.each(samples)("%s has its documented default when nothing or an empty variable is set", (key) => {
  const { default: fallback, read, env } = OPTIONS[key] as Option<unknown>;
  const unset = isList(OPTIONS[key]) ? [] : undefined;
  const config = configure([], { ...baseFor(key), [env]: "" });
  expect(valueOf(config, key)).toEqual(fallback !== undefined ? read(fallback) : unset);
});

test.each(["short", "your_session_secret_here_change_this", "change-me-change-me-change-me-change-me"])(
  "a secret that can be guessed, %j, signs nothing, and the refusal does not repeat it",
  (secret) => {
    const refused = () => configure([], { SERVER_COMMAND: "server", SESSION_SECRET: secret });
    expect(refused).toThrow(/^SESSION_SECRET \(from the environment\): expected at least 32 random characters/);
    expect(refused).not.toThrow(secret);
  },
);

test("a switch needs no value, and --no- turns it off", () => {
  const env = { SERVER_COMMAND: "server", ISOLATION: "shared" };
  expect(configure(["--serial", "--no-revive"], env).services[0]).toMatchObject({ serial: true, revive: false });
  expect(configure(["--no-serial"], { ...env, SERIAL: "true" }).services[0]).toMatchObject({ serial: false });
});

test("of a flag that is given twice the last one counts, but lists add up", () => {
  const lists = ["--token", "a", "--token=b", "--allowed-hosts", "d", "--allowed-hosts", "e f"];
  const config = configure(["--stdio", "x", "--port", "1", "--port", "2", ...lists]);
  expect(config).toMatchObject({ port: 2, tokens: ["a", "b"], allowedHosts: ["d", "e", "f"] });
});

test("help, version and the file are not options of a gateway", () => {
  expect(readArguments(["--help"])).toMatchObject({ help: true });
  expect(readArguments(["-h"])).toMatchObject({ help: true });
  expect(readArguments(["--version"])).toMatchObject({ help: false, version: true });
  expect(readArguments(["--config", "g.json", "--port", "1"])).toEqual({
    help: false,
    version: false,
    config: "g.json",
    given: new Map([["port", "1"]]),
    words: [],
  });
  expect(readArguments([])).toEqual({ help: false, version: false, config: undefined, given: new Map(), words: [] });
});

test.each([
  [["--prot", "1"], "--prot is not a flag. Did you mean --port?"],
  [["--idleTtl", "5m"], "--idleTtl is not a flag. Did you mean --idle-ttl?"],
  [["--max_sessions=5"], "--max_sessions is not a flag. Did you mean --max-sessions?"],
  [["--stdoi", "x"], "--stdoi is not a flag. Did you mean --stdio?"],
  [["--hepl"], "--hepl is not a flag. Did you mean --help?"],
  [["--confg", "x"], "--confg is not a flag. Did you mean --config?"],
  [["--no-port"], "--no-port is not a flag. Did you mean --port?"],
  [["--something-else"], "--something-else is not a flag. See: npx gangway-mcp help gateway"],
  [["-p", "8080"], "-p is not a flag. See: npx gangway-mcp help gateway"],
  [["server"], "got server, expected a flag. See: npx gangway-mcp help gateway"],
  [["--serial", "false"], "got false, expected a flag. See: npx gangway-mcp help gateway"],
  [["--port"], "--port: expected a value"],
  [["--"], "--: expected the command of a server after it"],
  [["--stdio", "x", "--", "y"], "got both --stdio and a command after --, expected one of them"],
  [["--stdio", "npx", "-y", "some-server"], "or after --: npx gangway-mcp -- npx -y some-server"],
  [["--port", "1", "--stdio", "node", "server.js"], "or after --: npx gangway-mcp --port 1 -- node server.js"],
  [["--stdio", "server", "--prot", "1"], "--prot is not a flag. Did you mean --port?"],
  [["--config"], "--config: expected a value"],
])("%j is refused with %j", (args, message) => {
  expect(() => readArguments(args)).toThrow(message);
});

test.each([
  [["--port", "http"], {}, '--port: got "http", expected a whole number from 0 to 65535'],
  [[], { PORT: "http" }, 'PORT (from the environment): got "http", expected a whole number from 0 to 65535'],
  [["--idle-ttl", "5"], {}, '--idle-ttl: got "5", expected a duration such as'],
  [[], { MAX_BODY: "big" }, 'MAX_BODY (from the environment): got "big", expected a size such as'],
  [["--isolation", "none"], {}, '--isolation: got "none", expected one of session, shared'],
  [["--serial=perhaps"], {}, '--serial: got "perhaps", expected true or false'],
  [["--log-level", "loud"], {}, '--log-level: got "loud", expected one of trace, debug'],
  [["--stdio", "a 'b"], {}, '--stdio: got "a \'b", expected a command line whose quotes are closed'],
])("%j with %j says what was got and what was expected", (args, env, message) => {
  expect(() => configure(args, { SERVER_COMMAND: "server", ...env })).toThrow(message);
});

test.each([
  [["npx", "-y", "some-server"], "npx -y some-server"],
  [["server", "two words", "it's"], `server 'two words' 'it'\\''s'`],
  [["server", "--port", "9"], "server --port 9"],
  [["server", ""], "server ''"],
])("%j after -- is the command of the server", (command, stdio) => {
  const { given } = readArguments(["--port", "1", "--", ...command]);
  expect(Object.fromEntries(given)).toEqual({ port: "1", stdio });
  expect(commandLine(stdio)).toEqual(command);
});
