/** Messages of one era as the other wants them: what is added, and that the rest arrives byte for byte. */
import { expect, test } from "vitest";
import { readMessage, type Message } from "../../jsonrpc.ts";
import { legacyNotification, legacyRequest, modernAnswer, modernRequest, notificationFor } from "./messages.ts";

const FACTS = { capabilities: '{"roots":{}}', clientInfo: undefined, logLevel: undefined };
const SERVER = '{"name":"child","version":"1"}';
const KEY = "io.modelcontextprotocol";

const message = (text: string) => readMessage(text) as Message;
const answer = (result: string) => `{"jsonrpc":"2.0","id":1,"result":${result}}`;
const resultOf = (text: string) => (JSON.parse(text) as { result: unknown }).result;
const paramsOf = ({ text }: Message) => (JSON.parse(text) as { params: unknown }).params;

/** A result of a tool's call as a modern client gets it. */
const modernResult = (result: string, server?: string) => resultOf(modernAnswer(answer(result), "tools/call", server));

test("a legacy client's request carries what the client said at initialize", () => {
  const facts = { capabilities: '{"roots":{}}', clientInfo: '{"name":"c"}', logLevel: '"info"' };
  const request = modernRequest(
    message('{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"c"}}'),
    facts,
  );
  expect(paramsOf(request)).toEqual({
    cursor: "c",
    _meta: {
      [`${KEY}/protocolVersion`]: "2026-07-28",
      [`${KEY}/clientCapabilities`]: { roots: {} },
      [`${KEY}/clientInfo`]: { name: "c" },
      [`${KEY}/logLevel`]: "info",
    },
  });
});

test("a request carries nothing that the client has not said", () => {
  const request = modernRequest(message('{"jsonrpc":"2.0","id":1,"method":"tools/list"}'), FACTS);
  const _meta = { [`${KEY}/protocolVersion`]: "2026-07-28", [`${KEY}/clientCapabilities`]: { roots: {} } };
  expect(JSON.parse(request.text)).toEqual({ jsonrpc: "2.0", id: 1, method: "tools/list", params: { _meta } });
  expect(request).toMatchObject({ kind: "request", id: "1", method: "tools/list" });
});

test.each([
  '{"jsonrpc":"2.0","id":1,"method":"a","params":{}}',
  '{"jsonrpc":"2.0","id":1,"method":"a","params":{ }}',
  '{"jsonrpc":"2.0","id":1,"method":"a","params":{"_meta":{}}}',
  '{"params": { "_meta" : { } , "x":1}, "method":"a", "id":1, "jsonrpc":"2.0"}',
  '{ "jsonrpc":"2.0","id":1,"method":"a","params":{"_meta":{"progressToken":7},"x":"_meta"}}',
])("wherever the metadata go, the request stays one: %s", (text) => {
  const request = modernRequest(message(text), FACTS);
  const { params } = JSON.parse(text) as { params: { _meta?: object } };
  const _meta = expect.objectContaining({ ...params._meta, [`${KEY}/protocolVersion`]: "2026-07-28" }) as object;
  expect(paramsOf(request)).toEqual({ ...params, _meta });
});

test("the content of a request passes byte for byte", () => {
  const inside = '"arguments":{"big":9007199254740993,"e":1.50e1,"s":"\\/ \\u20ac \u00e2\u0082\u00ac"}';
  const { text } = modernRequest(message(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${inside}}}`), FACTS);
  expect(text).toContain(inside);
});

const MARKS = ["protocolVersion", "clientCapabilities", "clientInfo", "logLevel"].map(
  (key) => `"${KEY}/${key}":{"a":[1]}`,
);

test.each([
  [`{${MARKS.join(",")}}`, "{}"],
  [`{${MARKS.join(" , ")},"progressToken":7}`, '{"progressToken":7}'],
  [`{"progressToken":9007199254740993,${MARKS.join(",")},"b":"\\/"}`, '{"progressToken":9007199254740993,"b":"\\/"}'],
  [`{"a":1,${MARKS[0]}}`, '{"a":1}'],
  ['{"progressToken":7}', '{"progressToken":7}'],
  ["{}", "{}"],
  ["null", "null"],
])("a modern client's request has no marks of its era in front of a legacy server: %s", (meta, left) => {
  const text = (of: string) =>
    `{"jsonrpc":"2.0","id":1,"method":"a","params":{"x":{"_meta":${meta}},"_meta":${of},"y":1.0}}`;
  const request = legacyRequest(message(text(meta)));
  expect(JSON.parse(request.text)).toEqual(JSON.parse(text(left)));
  expect(request).toMatchObject({ id: "1", method: "a" });
  expect(request.text).toContain('"y":1.0');
});

test("a request without metadata reaches a legacy server unchanged", () => {
  for (const params of ["", ',"params":{"a":1}', ',"params":[1]']) {
    const request = message(`{"jsonrpc":"2.0","id":1,"method":"a"${params}}`);
    expect(legacyRequest(request).text).toBe(request.text);
  }
});

test("a result gets its type and its server, and keeps its own members", () => {
  const serverInfo = { [`${KEY}/serverInfo`]: { name: "child", version: "1" } };
  expect(modernResult('{"content":[]}', SERVER)).toEqual({ content: [], resultType: "complete", _meta: serverInfo });
  expect(modernResult("{}", SERVER)).toEqual({ resultType: "complete", _meta: serverInfo });
  expect(modernResult('{"_meta":{}}', SERVER)).toEqual({ resultType: "complete", _meta: serverInfo });
  expect(modernResult('{"_meta":{"a":1},"b":2}', SERVER)).toEqual({
    b: 2,
    resultType: "complete",
    _meta: { a: 1, ...serverInfo },
  });
  expect(modernResult('{"content":[]}')).toEqual({ content: [], resultType: "complete" });
});

test("members that a result already has are not added again", () => {
  const result = `{"resultType":"input_required","ttlMs":5,"cacheScope":"public","_meta":{"${KEY}\\/serverInfo":{"name":"own"}}}`;
  expect(modernAnswer(answer(result), "tools/list", SERVER)).toBe(answer(result));
});

test.each(["null", "5", '"text"', "[1]", "true"])("a result that is not an object, %s, stays unchanged", (result) => {
  expect(modernAnswer(answer(result), "tools/list", SERVER)).toBe(answer(result));
});

test("a result whose _meta is not an object gets only its type", () => {
  expect(modernResult('{"_meta":null}', SERVER)).toEqual({ _meta: null, resultType: "complete" });
});

test.each(["tools/list", "prompts/list", "resources/list", "resources/templates/list", "resources/read"])(
  "a result of %s may not be cached unless the server says so",
  (method) => {
    const hints = { ttlMs: 0, cacheScope: "private" };
    expect(resultOf(modernAnswer(answer("{}"), method, undefined))).toEqual({ resultType: "complete", ...hints });
    expect(resultOf(modernAnswer(answer('{"ttlMs":7}'), method, undefined))).toMatchObject({ ...hints, ttlMs: 7 });
  },
);

test.each(["tools/call", "prompts/get", "completion/complete", "x/tools/list", "tools/listed"])(
  "a result of %s has no caching hints",
  (method) => {
    expect(resultOf(modernAnswer(answer("{}"), method, undefined))).toEqual({ resultType: "complete" });
  },
);

test("an answer whose result comes before its id is translated too", () => {
  const text = modernAnswer(`{"result":{"_meta":{"a":1}},"id":"x","jsonrpc":"2.0"}`, "tools/call", SERVER);
  expect(JSON.parse(text)).toMatchObject({ id: "x", result: { resultType: "complete", _meta: { a: 1 } } });
});

const errorOf = (of: number) =>
  `{"jsonrpc":"2.0","id":1,"error":{"message":"no -32002","code":${of},"data":{"uri":"a:"}}}`;

test.each([
  [-32002, -32602],
  [-32042, -32603],
  [-32601, -32601],
  [-32602, -32602],
  [-32000, -32603],
  [-32021, -32603],
  [-32099, -32603],
  [-32100, -32100],
  [-3200, -3200],
  [7, 7],
])("a server's error %i is a modern client's %i, and the rest of it stays", (code, expected) => {
  expect(modernAnswer(errorOf(code), "resources/read", SERVER)).toBe(errorOf(expected));
});

test("a change notification carries the id of the subscription as its client wrote it", () => {
  const change = '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"a:"}}';
  for (const id of ["7", '"7"', "9007199254740993"])
    expect(notificationFor(id, message(change))).toContain(`"_meta":{"${KEY}/subscriptionId":${id}}`);
  expect(JSON.parse(notificationFor("7", message(change)))).toMatchObject({ params: { uri: "a:" } });
});

test.each(["", ',"params":{}', ',"params":{"_meta":{}}', ',"params":{"_meta":{"a":1}}'])(
  "a notification is marked with its subscription whatever it contains: %s",
  (params) => {
    const text = notificationFor(
      '"x"',
      message(`{"jsonrpc":"2.0","method":"notifications/tools/list_changed"${params}}`),
    );
    expect(JSON.parse(text)).toMatchObject({ params: { _meta: { [`${KEY}/subscriptionId`]: "x" } } });
  },
);

test.each([
  [`{"_meta":{"${KEY}/subscriptionId":7},"uri":"a:\\u20ac"}`, ',"params":{"uri":"a:\\u20ac"}'],
  [`{"_meta":{"${KEY}/subscriptionId":7}}`, ""],
])("a modern notification reaches a legacy client with its subject and nothing else: %s", (params, expected) => {
  const change = message(`{"jsonrpc":"2.0","method":"notifications/a","params":${params}}`);
  expect(legacyNotification(change).text).toBe(`{"jsonrpc":"2.0","method":"notifications/a"${expected}}`);
});
