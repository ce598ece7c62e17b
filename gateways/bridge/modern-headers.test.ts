import { expect, test } from "vitest";
import { META } from "../fixtures/modern-client.ts";
import { bytes, requestOf } from "../fixtures/modern-caller.ts";
import { readMessage, type Message } from "../jsonrpc.ts";
import { headerValue, ModernHeaders } from "./modern-headers.ts";

const modern = (method: string, params: object = {}) => requestOf(method, { ...params, _meta: META });

test.each([
  ["tools/call", { name: "echo" }, "echo"],
  ["prompts/get", { name: "greet me" }, "greet me"],
  ["resources/read", { uri: "a:b", name: "other" }, "a:b"],
  ["tools/list", { name: "none" }, undefined],
])("%s names what it is about", (method, params, name) => {
  const headers = new ModernHeaders().of(modern(method, params));
  expect(headers["mcp-name"]).toBe(name);
  expect(headers).toMatchObject({ "mcp-protocol-version": "2026-07-28", "mcp-method": method });
});

test("a legacy message has none", () => {
  expect(new ModernHeaders().of(requestOf("tools/call", { name: "echo" }))).toEqual({});
});

test.each([
  ["plain text", "plain text"],
  ["", ""],
  [" led", "=?base64?IGxlZA==?="],
  ["trailed ", "=?base64?dHJhaWxlZCA=?="],
  ["k\u00f6ln", "=?base64?a8O2bG4=?="],
  ["two\nlines", "=?base64?dHdvCmxpbmVz?="],
  ["=?base64?eA==?=", "=?base64?PT9iYXNlNjQ/ZUE9PT89?="],
])("%j is written as %j", (value, written) => {
  expect(headerValue(value)).toBe(written);
});

const list = (schema: object) =>
  bytes({ jsonrpc: "2.0", id: 1, result: { tools: [{ name: "go", inputSchema: schema }] } });

test("marked parameters are repeated as listed last, and only values that a header can hold", () => {
  const headers = new ModernHeaders();
  const properties = {
    region: { "x-mcp-header": "Region" },
    count: { "x-mcp-header": "Count" },
    place: { properties: { zone: { "x-mcp-header": "Zone" } } },
  };
  const call = (given: object) => headers.of(modern("tools/call", { name: "go", arguments: given }));
  headers.learn(readMessage(bytes({ jsonrpc: "2.0", id: 1, method: "tools/list" })) as Message, list({ properties }));
  expect(call({ region: "eu", count: 3, place: { zone: false } })).toMatchObject({
    "mcp-param-region": "eu",
    "mcp-param-count": "3",
    "mcp-param-zone": "false",
  });
  expect(Object.keys(call({ region: null, count: [1] })).filter((name) => name.startsWith("mcp-param"))).toEqual([]);
  headers.learn(modern("tools/list"), list({}));
  expect(Object.keys(call({ region: "eu" }))).not.toContain("mcp-param-region");
});
