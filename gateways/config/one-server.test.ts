/** What flags and environment make of one server: its command, its name, its tokens, and what is refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Environment } from "./environment.ts";
import { readArguments, readOneServer } from "./flags.ts";

const folder = mkdtempSync(join(tmpdir(), "gangway-flags-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file that holds a secret, as Docker mounts one. */
function secretFile(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const GOOD = "7e1f9c3a5b8d20e46c1f7a9b";

const configure = (args: string[], env: Environment = {}) => readOneServer(readArguments(args), { env, plain: true });
const serviceOf = (args: string[], env: Environment = {}) => configure(args, env).services[0]!;

test("a command line becomes the server, and its port is the service's own", () => {
  const config = configure(["--stdio", "npx -y 'my server'", "--port", "1234"]);
  expect(config).toMatchObject({ hub: false, port: 1_234, tokens: [], services: [{ port: 1_234, tokens: [] }] });
  expect(config.services[0]!.server).toMatchObject({ kind: "stdio", command: "npx", args: ["-y", "my server"] });
});

test("a URL becomes an upstream, and its token a bearer", () => {
  const url = "https://coda.io/apis/mcp";
  expect(serviceOf(["--url", url]).server).toEqual({ kind: "http", url, headers: {} });
  expect(serviceOf([], { SERVER_URL: url, SERVER_URL_TYPE: "sse" }).server).toEqual({ kind: "sse", url, headers: {} });
  expect(serviceOf([], { SERVER_URL: url, SERVER_TOKEN: "s" }).server).toEqual({
    kind: "http",
    url,
    headers: { Authorization: "Bearer s" },
  });
});

test("name and version are the environment's in a container", () => {
  const env = { SERVER_COMMAND: "server", SERVICE_NAME: "coda", SERVICE_VERSION: "1.2.3" };
  expect(serviceOf([], env)).toMatchObject({ name: "coda", version: "1.2.3" });
  expect(serviceOf(["--name", "memory"], env).name).toBe("memory");
  expect(serviceOf(["--stdio", "server"]).version).toBeUndefined();
});

test.each([
  ["npx -y @modelcontextprotocol/server-memory", "server-memory"],
  ["npx -y @modelcontextprotocol/server-memory@2026.8.31", "server-memory"],
  ["uvx mcp-server-fetch", "mcp-server-fetch"],
  ["python -m weather_server", "weather_server"],
  ["/usr/local/bin/My-Server --port 1", "my-server"],
  ["env K=v node packages/weather/dist/index.js", "weather"],
  ["node ./dist/", "server"],
  ["node", "server"],
])("%j is named %s when nobody names it", (command, name) => {
  expect(serviceOf(["--stdio", command]).name).toBe(name);
});

test("a gateway without a server, or with two, says how to give one", () => {
  expect(() => configure([])).toThrow(
    /^expected a server: --stdio "<command line>", --url <URL>, --group <name>=<URL>, or --config/,
  );
  expect(() => configure(["--stdio", "a", "--url", "http://b"])).toThrow(/^got both --stdio and --url/);
});

test("a secret may be in a file, whose last line break is not part of it", () => {
  const env = { SERVER_COMMAND: "server", MCP_BEARER_TOKEN_FILE: secretFile("token", "from-file\n") };
  expect(configure([], env).tokens).toEqual(["from-file"]);
  expect(configure([], { ...env, MCP_BEARER_TOKEN: "from-env" }).tokens).toEqual(["from-env"]);
  expect(configure([], { ...env, MCP_BEARER_TOKEN: "" }).tokens).toEqual(["from-file"]);
  expect(configure(["--token", "from-flag"], env).tokens).toEqual(["from-flag"]);
});

test("every variable can be given by a file, and a wrong value in it names the variable", () => {
  const env = {
    SERVER_URL: "http://x",
    SERVER_TOKEN_FILE: secretFile("upstream", "s\n"),
    PORT_FILE: secretFile("port", "81"),
  };
  expect(serviceOf([], env)).toMatchObject({ port: 81, server: { headers: { Authorization: "Bearer s" } } });
  const wrong = { ...env, PORT_FILE: secretFile("bad", "almost-a-secret") };
  // What is in a file may be a secret that was meant for something else: the error does not repeat it.
  expect(() => configure([], wrong)).toThrow(
    /^PORT_FILE \(from the environment\): expected a whole number from 0 to 65535$/,
  );
});

test("a file that cannot be read is named, with the reason", () => {
  const path = join(folder, "missing");
  expect(() => configure([], { SERVER_COMMAND: "server", MCP_BEARER_TOKEN_FILE: path })).toThrow(
    `MCP_BEARER_TOKEN_FILE: cannot read ${path} (ENOENT)`,
  );
});

const variablesOf = (args: string[], env: Environment = {}) => {
  const { server } = serviceOf(["--stdio", "server", ...args], env);
  return server.kind === "stdio" ? server.env : undefined;
};

test("the server is given the variables that were named, as they are here, in a file or as written, and no others", () => {
  const env = { HERE: "1", OTHER: "2", SECRET_FILE: secretFile("secret", "s\n"), EMPTY: "" };
  expect(variablesOf([], env)).toEqual({});
  expect(variablesOf(["--env", "HERE,SECRET", "--env", "A=x=y z", "--env=B="], env)).toEqual({
    HERE: "1",
    SECRET: "s",
    A: "x=y z",
    B: "",
  });
  expect(variablesOf([], { ...env, SERVER_ENV: "HERE\nA=1" })).toEqual({ HERE: "1", A: "1" });
});

test("a variable that is named and not set here is refused by its name", () => {
  expect(() => variablesOf(["--env", "MISSING"])).toThrow("--env: got MISSING, expected a variable that is set here");
});

test("several tokens are accepted at once, so that they can be rotated", () => {
  expect(configure(["--stdio", "server", "--token", "old", "--token", "new"]).tokens).toEqual(["old", "new"]);
  const file = secretFile("other", "third\r\n\nfourth\n");
  expect(configure(["--stdio", "server", "--token-file", file]).tokens).toEqual(["third", "fourth"]);
  const env = { SERVER_COMMAND: "server", MCP_BEARER_TOKEN_FILE: secretFile("two", "old\nnew\n") };
  expect(configure([], env).tokens).toEqual(["old", "new"]);
});

test.each(["0.0.0.0", "::", "192.0.2.1", "gateway.example", "128.0.0.1"])(
  "%s, which others can reach, is refused without a token",
  (host) => {
    expect(() => configure(["--stdio", "server", "--host", host])).toThrow(
      `--host: got ${host}, where others can reach it`,
    );
    expect(() => configure(["--stdio", "server", "--host", host, "--token", " , "])).toThrow(/^--token: the token/);
    expect(configure(["--stdio", "server", "--host", host, "--token", GOOD]).host).toBe(host);
  },
);

test("who asks for all addresses is told how to make a token and use it, on every system", () => {
  const flags = ["--stdio", "server", "--host", "0.0.0.0"];
  expect(() => configure(flags)).toThrow(
    /\nto make a token: npx gangway-mcp token new > token\.txt; .* --token-file token\.txt$/,
  );
  const path = join(folder, "powershell.txt");
  writeFileSync(path, `\uFEFF${GOOD}\r\n`, "utf16le");
  expect(configure([...flags, "--token-file", path]).tokens).toEqual([GOOD]);
  expect(() => configure([], { SERVER_COMMAND: "server", HOST: "::" })).toThrow(/or listen on 127\.0\.0\.1$/);
});

test.each(["127.0.0.1", "::1", "localhost", "127.1.2.3"])("%s needs no token", (host) => {
  expect(configure(["--stdio", "server", "--host", host]).tokens).toEqual([]);
});

test("one call at a time is refused for servers that are not shared", () => {
  expect(() => configure(["--stdio", "server", "--serial"])).toThrow(
    /^--serial: got isolation session, expected shared/,
  );
});

test("callers on this machine are exempt from limits when a person started the gateway, not in a container", () => {
  expect(configure(["--stdio", "server"]).exemptLoopback).toBe(true);
  expect(configure([], { SERVER_COMMAND: "server" }).exemptLoopback).toBe(false);
});
