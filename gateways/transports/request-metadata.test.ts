/** What a modern request says of itself in its headers and in its body: each rule, without a port. */
import { expect, test } from "vitest";
import { GatewayError } from "../errors.ts";
import { bytes, headersIn as from } from "../fixtures/modern-caller.ts";
import { headersFor, key, META, VERSION } from "../fixtures/modern-client.ts";
import { readMessage, type Message } from "../jsonrpc.ts";
import { calledTool, checkMetadata, isModern } from "./request-metadata.ts";

type Headers = Record<string, string | readonly string[] | undefined>;

const request = (method: string, params?: object) =>
  readMessage(bytes({ jsonrpc: "2.0", id: 1, method, params })) as Message;

/** What checking a request that is right but for the changes says: a refusal, or what the request's metadata are. */
function check(method: string, params: object, headers: Headers = {}, meta: object = {}): GatewayError | object {
  const message = request(method, { ...params, _meta: { ...META, ...meta } });
  try {
    return checkMetadata(message, from({ ...headersFor(method, params), ...headers }));
  } catch (error) {
    return error as GatewayError;
  }
}

const refusal = (code: number, message: RegExp) =>
  expect.objectContaining({ status: 400, code, message: expect.stringMatching(message) as string }) as GatewayError;

test.each<[string, Message, Headers, boolean]>([
  ["its body says so", request("tools/list", { _meta: META }), {}, true],
  [
    "its body says so, whatever its header",
    request("x", { _meta: META }),
    { "mcp-protocol-version": "2025-11-25" },
    true,
  ],
  ["its header says so", request("tools/list"), { "mcp-protocol-version": VERSION }, true],
  ["its header has a version that nobody knows", request("x"), { "mcp-protocol-version": "v999" }, true],
  ["its body has a version that nobody knows", request("x", { _meta: { [key("protocolVersion")]: "v9" } }), {}, true],
])("a message is of the modern era when %s", (_, message, headers, expected) => {
  expect(isModern(message, from(headers))).toBe(expected);
});

test.each<[string, Message, Headers]>([
  ["has no version", request("tools/list"), {}],
  ["has other metadata", request("tools/list", { _meta: { progressToken: 1 } }), {}],
  ["has a legacy version", request("tools/list"), { "mcp-protocol-version": "2025-06-18" }],
  ["is of a session and has an odd version", request("x"), { "mcp-protocol-version": "v999", "mcp-session-id": "s" }],
  ["is initialize", request("initialize", {}), { "mcp-protocol-version": VERSION }],
  ["has no parameters that are an object", request("x", [META]), {}],
])("a message is of the legacy era when it %s", (_, message, headers) => {
  expect(isModern(message, from(headers))).toBe(false);
});

test("a correct request is admitted, with the log level that it asks for", () => {
  expect(check("tools/call", { name: "echo" })).toMatchObject({ logLevel: undefined, version: VERSION });
  for (const level of ["debug", "notice", "emergency"])
    expect(check("tools/list", {}, {}, { [key("logLevel")]: level })).toMatchObject({ logLevel: level });
});

test.each<[string, object, string]>([
  ["no version", { [key("protocolVersion")]: undefined }, "protocolVersion.* must be a string"],
  ["a version that is no string", { [key("protocolVersion")]: 20260728 }, "protocolVersion.* must be a string"],
  ["no capabilities", { [key("clientCapabilities")]: undefined }, "clientCapabilities.* must be an object"],
  ["capabilities that are null", { [key("clientCapabilities")]: null }, "clientCapabilities.* must be an object"],
  ["capabilities that are a list", { [key("clientCapabilities")]: [] }, "clientCapabilities.* must be an object"],
  ["a log level that there is not", { [key("logLevel")]: "loud" }, "must be one of debug, info, .*emergency"],
  ["a log level that is no string", { [key("logLevel")]: 3 }, "must be one of"],
  ["the log level null", { [key("logLevel")]: null }, "must be one of"],
])("a request with %s gets 400 and -32602, which names the key", (_, meta, problem) => {
  expect(check("tools/list", {}, {}, meta)).toEqual(refusal(-32602, new RegExp(problem)));
});

test.each([undefined, null, 5, "text", [META]])("a request whose _meta is %j gets 400 and -32602", (meta) => {
  const message = request("tools/list", { _meta: meta });
  expect(() => checkMetadata(message, from(headersFor("tools/list", {})))).toThrow(refusal(-32602, /protocolVersion/));
});

test.each<[string, Headers, RegExp]>([
  ["without MCP-Protocol-Version", { "mcp-protocol-version": undefined }, /MCP-Protocol-Version header is missing/],
  [
    "with a legacy version in the header",
    { "mcp-protocol-version": "2025-11-25" },
    /is "2025-11-25", the body has "2026/,
  ],
  [
    "with an unknown version in the header",
    { "mcp-protocol-version": "v999" },
    /MCP-Protocol-Version header is "v999"/,
  ],
  ["without Mcp-Method", { "mcp-method": undefined }, /Mcp-Method header is missing; the body has "tools\/call"/],
  ["with another Mcp-Method", { "mcp-method": "tools/list" }, /Mcp-Method header is "tools\/list"/],
  ["with Mcp-Method in other letters", { "mcp-method": "Tools/Call" }, /Mcp-Method header is "Tools\/Call"/],
  [
    "with Mcp-Method in Base64",
    { "mcp-method": `=?base64?${btoa("tools/call")}?=` },
    /Mcp-Method header is "=\?base64/,
  ],
  ["with an empty Mcp-Method", { "mcp-method": "" }, /Mcp-Method header is ""/],
  ["without Mcp-Name", { "mcp-name": undefined }, /Mcp-Name header is missing; the body has "echo"/],
  ["with another Mcp-Name", { "mcp-name": "count" }, /Mcp-Name header is "count", the body has "echo"/],
  ["with Mcp-Name in other letters", { "mcp-name": "Echo" }, /Mcp-Name header is "Echo"/],
  [
    "with MCP-Protocol-Version twice",
    { "mcp-protocol-version": [VERSION, VERSION] },
    /MCP-Protocol-Version.* several times/,
  ],
  ["with Mcp-Method twice", { "mcp-method": ["tools/call", "tools/call"] }, /Mcp-Method header was sent several times/],
  ["with Mcp-Name twice", { "mcp-name": ["echo", "count"] }, /Mcp-Name header was sent several times/],
  ["with more than the name in Mcp-Name", { "mcp-name": "echo, echo" }, /Mcp-Name header is "echo, echo"/],
])("a request %s gets 400 and -32020, which names the header", (_, headers, problem) => {
  expect(check("tools/call", { name: "echo" }, headers)).toEqual(refusal(-32020, problem));
});

test("an unknown version gets 400 and -32022, with the supported versions", () => {
  const error = check("tools/list", {}, { "mcp-protocol-version": "v999" }, { [key("protocolVersion")]: "v999" });
  expect(error).toEqual(refusal(-32022, /v999 is not supported here\. Supported: 2026-07-28/));
  expect(error).toMatchObject({ data: { supported: [VERSION], requested: "v999" } });
});

test("a legacy version in both header and body gets -32022 too: it has no requests without a session", () => {
  const legacy = "2025-11-25";
  const headers = { "mcp-protocol-version": legacy };
  expect(check("tools/list", {}, headers, { [key("protocolVersion")]: legacy })).toEqual(refusal(-32022, /2025-11-25/));
});

test("a refusal quotes only as much of what the client sent as is needed to recognize it", () => {
  const { message } = check("tools/list", {}, { "mcp-method": `"${"x".repeat(5_000)}` }) as GatewayError;
  expect(message).toMatch(/is "\\"x{79}…", the body has "tools\/list"/);
  expect(message.length).toBeLessThan(400);
});

test.each([
  ["tools/call", { name: "a b" }],
  ["prompts/get", { name: "a b" }],
  ["resources/read", { uri: "a b" }],
])("%s must repeat its name; others need not", (method, params) => {
  expect(check(method, params)).not.toBeInstanceOf(GatewayError);
  expect(check(method, params, { "mcp-name": undefined })).toEqual(refusal(-32020, /Mcp-Name header is missing/));
  expect(check("resources/list", params, { "mcp-name": undefined })).not.toBeInstanceOf(GatewayError);
});

test.each([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
])("%s without a %s that is a string gets 400 and -32602", (method, key) => {
  for (const value of [undefined, null, 5, ["a"]])
    expect(check(method, { [key]: value }, { "mcp-name": "a" })).toEqual(
      refusal(-32602, new RegExp(`params\\.${key} must be`)),
    );
});

test("the name of a tool is read from its call, and from no other request", () => {
  expect(calledTool(request("tools/call", { name: "a\u00e4" }))).toBe("a\u00e4");
  expect(calledTool(request("tools/call", { name: 5 }))).toBeUndefined();
  expect(calledTool(request("prompts/get", { name: "a" }))).toBeUndefined();
});

const escaped = (text: string) =>
  text.replace("_meta", "\\u005fmeta").replaceAll("modelcontextprotocol/", "modelcontextprotocol\\/");

test("keys with escapes are checked as the server reads them", () => {
  const text = escaped(request("tools/call", { name: "echo", _meta: META }).text).replace('"echo"', '"\\u0065cho"');
  const message = readMessage(text) as Message;
  expect(isModern(message, from({}))).toBe(true);
  expect(checkMetadata(message, from(headersFor("tools/call", { name: "echo" })))).toMatchObject({
    logLevel: undefined,
    version: VERSION,
  });
});

test("of a duplicate key the value counts that the server will read", () => {
  const text = request("tools/call", { name: "echo", _meta: META }).text.replace(
    '"name":"echo"',
    '"name":"echo","name":"crash"',
  );
  const headers = from(headersFor("tools/call", { name: "echo" }));
  expect(() => checkMetadata(readMessage(text) as Message, headers)).toThrow(refusal(-32020, /the body has "crash"/));
});
