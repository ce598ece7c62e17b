/** Headers that repeat a name or the parameters of a tool's call (MCP 2026-07-28, "Value Encoding"), without a port. */
import { expect, test } from "vitest";
import { Tools } from "../bridge/tools.ts";
import { headersIn } from "../fixtures/modern-caller.ts";
import { headersFor, META } from "../fixtures/modern-client.ts";
import { readMessage, type Message } from "../jsonrpc.ts";
import { checkMetadata, checkParameters } from "./request-metadata.ts";

const call = (params: object | string) => {
  const text = typeof params === "string" ? params : JSON.stringify(params);
  const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${text}}`;
  return readMessage(Buffer.from(body).toString("latin1")) as Message;
};

const base64 = (text: string) => `=?base64?${Buffer.from(text).toString("base64")}?=`;
const mismatch = (problem: RegExp) =>
  expect.objectContaining({ code: -32020, status: 400, message: expect.stringMatching(problem) as string }) as Error;

const PARAMETERS = [
  { header: "mcp-param-region", path: ["region"] },
  { header: "mcp-param-zone", path: ["place", "zone"] },
];

/** Checks a call with these arguments, and with the headers that are given without `mcp-param-`. */
function check(args: object | string, headers: Record<string, string | readonly string[]>): void {
  const text = typeof args === "string" ? args : JSON.stringify(args);
  const named = Object.entries(headers).map(([name, value]) => [`mcp-param-${name}`, value]);
  checkParameters(call(`{"name":"routed","arguments":${text}}`), headersIn(Object.fromEntries(named)), PARAMETERS);
}

function checkName(name: string, header: string): void {
  const params = { name, _meta: META };
  const headers: Record<string, string> = { ...headersFor("tools/call", params), "mcp-name": header };
  checkMetadata(call(params), headersIn(headers));
}

test.each(["Hello, 世界", " padded ", "line1\nline2", "=?base64?literal?=", "plain", "", "\u{1f600}"])(
  "a name that cannot be a header value is sent in Base64: %j",
  (name) => {
    expect(() => checkName(name, base64(name))).not.toThrow();
    expect(() => checkName(name, base64(`${name}x`))).toThrow(mismatch(/Mcp-Name header is .*, the body has/));
  },
);

test("a name that looks like an encoded value must itself be encoded", () => {
  expect(() => checkName("=?base64?ZWNobw==?=", "=?base64?ZWNobw==?=")).toThrow(mismatch(/is "echo", the body/));
});

test.each([
  "=?base64?ZWNo*w==?=",
  "=?base64?ZWNobw?=",
  "=?base64?ZWNob?=",
  "=?base64?ZWNo\tbw==?=",
  "=?base64?=?=",
  "=?base64?ZR==?=",
  "=?base64?/w==?=",
])("what is no valid Base64 is refused: %j", (header) => {
  expect(() => checkName("echo", header)).toThrow(mismatch(/Mcp-Name header is not valid Base64/));
});

test.each(["=?BASE64?ZWNobw==?=", "=?base64?ZWNobw==", "x=?base64?ZWNobw==?=", "=?utf-8?ZWNobw==?="])(
  "only the exact markers mean Base64: %j is taken literally",
  (header) => {
    expect(() => checkName("echo", header)).toThrow(mismatch(/the body has "echo"/));
    expect(() => checkName(header, header)).not.toThrow();
  },
);

test("characters outside ASCII are refused, even when the body has the same", () => {
  for (const name of ["\u00e4", "a\u0001", "a\u007f"])
    expect(() => checkName(name, name)).toThrow(mismatch(/not ASCII and not encoded/));
});

test("headers that repeat parameters exactly, nested ones too, are admitted", () => {
  expect(() => check({ region: "us-west1", place: { zone: "b" } }, { region: "us-west1", zone: "b" })).not.toThrow();
  expect(() => check({ region: "Hello, 世界" }, { region: base64("Hello, 世界") })).not.toThrow();
  expect(() => check({ region: true }, { region: "true" })).not.toThrow();
});

test("a parameter without its header is refused, and so is one whose header has another value", () => {
  expect(() => check({ region: "eu" }, {})).toThrow(mismatch(/mcp-param-region header is missing; the body has "eu"/));
  expect(() => check({ region: "eu" }, { region: ["eu", "eu"] })).toThrow(
    mismatch(/region header was sent several times/),
  );
  expect(() => check({ region: "eu" }, { region: "us" })).toThrow(mismatch(/is "us", the body has "eu"/));
  expect(() => check({ region: "eu" }, { region: "EU" })).toThrow(mismatch(/is "EU"/));
  expect(() => check({ place: { zone: "b" } }, { zone: "c" })).toThrow(mismatch(/mcp-param-zone header is "c"/));
  expect(() => check({ region: true }, { region: "false" })).toThrow(mismatch(/is "false", the body has "true"/));
});

test.each(["{}", '{"region":null}', '{"place":{}}', '{"place":null}', '{"place":"zone"}'])(
  "when the body has no such parameter, %s, its header must be missing too",
  (args) => {
    expect(() => check(args, {})).not.toThrow();
    for (const headers of [{ region: "eu" }, { zone: "b" }, { region: "null" }])
      expect(() => check(args, headers)).toThrow(mismatch(/is there, and the body has no such parameter/));
  },
);

test.each([
  '{"region":"eu","Region":"us"}',
  '{"region":"eu","region":"eu"}',
  '{"re\u0067ion":"eu","region":"eu"}',
  '{"region":"eu","region\\u0000":"us"}',
  '{"region":"eu","Place":{"zone":"a"}}',
  '{"region":"eu","place":{"\u017fone":1,"zone":"b","ZONE":"c"}}',
])("another parser must not find another value for a header: %s is refused", (args) => {
  expect(() => check(args, { region: "eu", zone: "b" })).toThrow(/in the arguments the key .* (could be|comes|has)/);
});

test("a call without arguments needs no headers", () => {
  for (const params of [{ name: "routed" }, { name: "routed", arguments: null }])
    expect(() => checkParameters(call(params), headersIn({}), PARAMETERS)).not.toThrow();
});

test.each<[string, string[], string[]]>([
  ["42", ["42", "42.0", "42.00"], ["43", "0x2a", "4.2e1", "42.1", "+42", "", "forty-two", "42x", "=?base64?NDM=?="]],
  ["-7", ["-7", "-7.0"], ["7", "--7"]],
  ["0", ["0", "-0", "0.0"], ["", " ", "false"]],
  ["42.0", ["42"], ["420"]],
  ["1.5", ["1.5"], ["1.50", "1"]],
  ["9007199254740993", ["9007199254740992"], ["9007199254740993"]],
])("numbers are the same whose values are: %s", (written, same, others) => {
  for (const region of same) expect(() => check(`{"region":${written}}`, { region })).not.toThrow();
  for (const region of others) expect(() => check(`{"region":${written}}`, { region })).toThrow(mismatch(/region/));
});

test("a string that looks like a number is compared as a string", () => {
  expect(() => check({ region: "42" }, { region: "42" })).not.toThrow();
  expect(() => check({ region: "42" }, { region: "42.0" })).toThrow(mismatch(/is "42\.0", the body has "42"/));
});

const marked = (name: string) => ({ properties: { region: { "x-mcp-header": name } } });

test("the parameters of a tool are those that its schema marked in the last list", () => {
  const tools = new Tools();
  tools.learn([
    { name: "routed", inputSchema: marked("Region") },
    { name: "plain", inputSchema: {} },
  ]);
  expect(tools.headersOf("routed")).toEqual([{ header: "mcp-param-region", path: ["region"] }]);
  expect(tools.headersOf("plain")).toEqual([]);
  tools.learn([{ name: "routed", inputSchema: marked("Zone") }]);
  expect(tools.headersOf("routed")).toEqual([{ header: "mcp-param-zone", path: ["region"] }]);
  tools.learn([{ name: "routed" }]);
  expect(tools.headersOf("routed")).toEqual([]);
});

test("a mark on a parameter that is too deeply nested is ignored", () => {
  const nested = (depth: number): object =>
    depth === 0 ? { "x-mcp-header": "Deep" } : { properties: { a: nested(depth - 1) } };
  const tools = new Tools();
  tools.learn([10, 11, 5_000].map((depth) => ({ name: `${depth}`, inputSchema: nested(depth) })));
  expect(["10", "11", "5000"].map((name) => tools.headersOf(name).length)).toEqual([1, 0, 0]);
});

test("marks are found only along properties, not at the root, in lists or in alternatives", () => {
  const zone = { "x-mcp-header": "Zone" };
  const inputSchema = {
    "x-mcp-header": "Root",
    properties: {
      place: { properties: { zone } },
      list: { items: { properties: { zone } } },
      either: { anyOf: [{ properties: { zone } }] },
      odd: "text",
      nothing: null,
      number: { "x-mcp-header": 5 },
    },
  };
  const tools = new Tools();
  tools.learn([
    { name: "a", inputSchema },
    { name: 5, inputSchema },
  ]);
  expect(tools.headersOf("a")).toEqual([{ header: "mcp-param-zone", path: ["place", "zone"] }]);
});
