import { expect, test } from "vitest";
import { readArguments } from "./flags.ts";

const given = (...args: string[]) => Object.fromEntries(readArguments(args).given);
const taken = (...args: string[]) => Object.fromEntries(readArguments(["--stdio", "s", ...args]).given);

test.each([
  [["--outputTransport", "streamableHttp"], {}],
  [["--outputTransport", "sse", "--port", "8000"], { port: "8000" }],
  [["--server", "stream"], {}],
  [["--logLevel", "none"], { logLevel: "silent" }],
  [["--logLevel=debug"], { logLevel: "debug" }],
  [["--debug"], { logLevel: "debug" }],
  [["--cors", "https://a.example", "https://b.example"], { allowedOrigins: "https://a.example\nhttps://b.example" }],
  [["--allow-origin", "https://a.example"], { allowedOrigins: "https://a.example" }],
  [["--healthEndpoint", "/healthz", "--healthEndpoint", "/ready"], {}],
  [["--stateful", "--sessionTimeout", "60000"], { idleTtl: "60000ms" }],
  [["--header", "Authorization: Bearer abc"], { upstreamToken: "abc" }],
  [["--oauth2Bearer", "abc"], { upstreamToken: "abc" }],
  [["--ssePath", "/sse", "--messagePath", "/message", "--baseUrl", "http://x"], {}],
  [["--requestTimeout", "1000", "--connectionTimeout", "2000"], { requestTimeout: "1000ms", startTimeout: "2000ms" }],
  [["--sse-port", "1", "--sse-host", "::1"], { port: "1", host: "::1" }],
  [["--shell", "--stateless", "--no-debug"], {}],
])("%j is taken", (args, given) => {
  expect(taken(...args)).toEqual({ stdio: "s", ...given });
});

test.each([
  [["--outputTransport", "ws"], "--outputTransport: got ws, which Gangway does not offer"],
  [["--cors"], "--cors: name the origins that may call: --allowed-origins"],
  [["--header", "X-User: 1"], "--header: got X-User, expected Authorization: Bearer"],
  [["--ssePath", "/events"], "--ssePath: got /events, and the path is always /sse"],
  [["--apiKey", "secret-value"], "--apiKey: set MCP_BEARER_TOKEN"],
  [["--tunnel"], "--tunnel: deploy under your domain instead"],
  [["--pass-environment"], "--pass-environment: name each variable that the server may see: --env NAME"],
  [["--no-verify-ssl"], "--no-verify-ssl: certificates are always checked"],
  [["--sslCert", "x.pem"], "--sslCert: put TLS in front"],
  [["--named-server", "a", "uvx a"], "--named-server: name several servers in gateway.json"],
  [["--sessionTimeout"], "--sessionTimeout: expected a value"],
])("%j is refused with what to do", (args, message) => {
  expect(() => taken(...args)).toThrow(message);
  expect(() => taken(...args)).not.toThrow("secret-value");
});

test("a URL to call is --url, of the older kind where it was --sse", () => {
  expect(given("--sse", "http://x/sse")).toEqual({ url: "http://x/sse", urlType: "sse" });
  expect(given("--streamableHttp", "http://x/mcp")).toEqual({ url: "http://x/mcp" });
  expect(readArguments(["--named-server-config", "servers.json"]).config).toBe("servers.json");
});

test("what was taken is told, and after -- nothing is", () => {
  expect(readArguments(["--stdio", "s", "--cors", "https://a.example", "--stateful"]).words).toEqual([
    "--cors: here it is --allowed-origins",
    "--stateful: needless, clients that open a session have one",
  ]);
  expect(readArguments(["--", "server", "--stateful"]).words).toEqual([]);
});

test.each(["cors", "allow-origin"])(
  "--%s without an origin, or with an empty one, opens nothing and is told",
  (flag) => {
    for (const args of [[`--${flag}`], [`--${flag}=`], [`--${flag}`, "--port", "1"]])
      expect(() => taken(...args)).toThrow(`--${flag}: name the origins that may call`);
  },
);

test.each(["debug", "stateless", "stateful", "no-pass-environment", "no-stateless", "tunnel", "pass-environment"])(
  "--%s=false is not taken for --%s",
  (flag) => {
    expect(() => taken(`--${flag}=false`)).toThrow(`--${flag}: got false, expected no value`);
  },
);
