import { expect, test } from "vitest";
import { idNumber, readMessage, withId, type Message } from "./jsonrpc.ts";

/** Text in the gateway's form: one character a byte. */
const bytes = (text: string) => Buffer.from(text, "utf8").toString("latin1");

const read = (text: string) => readMessage(text) as Message;

const IDS = ['"init-1"', '"007"', "9007199254740993", "0", '""', "-1", "1.0", "1e3", '"a\\"b"', '"\\u0041"', '"1"'];

test.each(IDS)("the id %s is read and put back byte for byte", (id) => {
  const message = read(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`);
  expect(message.id).toBe(id);
  expect(withId(message, "42")).toBe('{"jsonrpc":"2.0","id":42,"method":"ping"}');
  expect(withId(read(withId(message, "42")), id)).toBe(message.text);
});

test("an id outside ASCII survives the round trip", () => {
  const message = read(bytes('{"jsonrpc":"2.0","id":"é-☃","result":{}}'));
  expect(withId(read(withId(message, "7")), message.id as string)).toBe(message.text);
  expect(Buffer.from(message.id as string, "latin1").toString("utf8")).toBe('"é-☃"');
});

test("an id after a huge result is found and replaced, and the result stays unchanged", () => {
  const result = `{"text":"${'\\\\\\"} '.repeat(100_000)}","id":99}`;
  const message = read(`{"result":${result},"jsonrpc":"2.0","id":"last"}`);
  expect(message.id).toBe('"last"');
  expect(withId(message, "1") === `{"jsonrpc":"2.0","id":1,"result":${result}}`).toBe(true);
});

test("an id or method inside params is not mistaken for the message's own", () => {
  const params = '{"id":1,"method":"inner","nested":[{"id":2,"jsonrpc":"1.0"}]}';
  const message = read(`{"params":${params},"jsonrpc":"2.0","method":"outer"}`);
  expect(message).toMatchObject({ kind: "notification", id: undefined, method: "outer" });
  expect(message.text.slice(message.params).startsWith(params)).toBe(true);
});

test("params and result are given as the offset where they begin, or -1", () => {
  const request = read('{"jsonrpc":"2.0","id":1,"method":"a","params":{"b":1}}');
  expect([request.text.slice(request.params), request.result]).toEqual(['{"b":1}}', -1]);
  const answered = read('{"jsonrpc":"2.0","id":1,"result":{"params":1}}');
  expect([answered.text.slice(answered.result), answered.params]).toEqual(['{"params":1}}', -1]);
});

test("the kind follows from id, method and result", () => {
  expect(read('{"jsonrpc":"2.0","id":1,"method":"a"}').kind).toBe("request");
  expect(read('{"jsonrpc":"2.0","method":"a"}').kind).toBe("notification");
  expect(read('{"jsonrpc":"2.0","id":1,"result":null}').kind).toBe("response");
  expect(read('{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"x"}}').kind).toBe("response");
});

test("keys and methods written with escapes are recognised", () => {
  const message = read('{"json\\u0072pc":"2.0","i\\u0064":5,"method":"tools\\/call"}');
  expect(message).toMatchObject({ kind: "request", id: "5", method: "tools/call" });
});

test("whitespace in the envelope is allowed, and that in what it carries is preserved", () => {
  const message = read(' { "jsonrpc" :\t"2.0" , "id" : 3 , "params" :\t{ "a" : 1 } , "method" : "ping" } ');
  expect(message).toMatchObject({ kind: "request", id: "3", method: "ping" });
  expect(withId(message, "12")).toBe('{"jsonrpc":"2.0","id":12,"method":"ping","params":{ "a" : 1 }}');
});

test.each([
  ['{"x":1,"id":7,"jsonrpc":"2.0","result":{},"y":[]}', '{"jsonrpc":"2.0","id":7,"result":{}}'],
  ['{"error":{"code":1},"jsonrpc":"2.0","id":7,"z":0}', '{"jsonrpc":"2.0","id":7,"error":{"code":1}}'],
  ['{"method":"n","x":1,"jsonrpc":"2.0"}', '{"jsonrpc":"2.0","method":"n"}'],
  ['{"method":"a","params":[],"id":"x","jsonrpc":"2.0"}', '{"jsonrpc":"2.0","id":"x","method":"a","params":[]}'],
  ['{"jsonrpc":"2.0","id":1,"method":"\\u0061\\/\\"b\\u00e9"}', '{"jsonrpc":"2.0","id":1,"method":"a/\\"b\\u00e9"}'],
])("the envelope of %s is written again as %s", (text, canonical) => {
  expect(withId(read(text))).toBe(canonical);
});

test.each([
  ['{"jsonrpc":"2.0","id":1,"result":{"a":1},"error":null}', '{"jsonrpc":"2.0","id":1,"result":{"a":1}}'],
  ['{"jsonrpc":"2.0","id":1,"result":null,"error":{"code":1}}', '{"jsonrpc":"2.0","id":1,"error":{"code":1}}'],
  ['{"jsonrpc":"2.0","id":1,"result":null}', '{"jsonrpc":"2.0","id":1,"result":null}'],
  ['{"jsonrpc":"2.0","id":1,"method":null,"params":null,"result":{}}', '{"jsonrpc":"2.0","id":1,"result":{}}'],
  ['{"jsonrpc":"2.0","id":1,"method":"m","result":null,"error":null}', '{"jsonrpc":"2.0","id":1,"method":"m"}'],
])("members that are null because there is nothing are left out: %s", (text, canonical) => {
  expect(withId(read(text))).toBe(canonical);
});

test("an answer with both a result and an error is no message", () => {
  expect(readMessage('{"jsonrpc":"2.0","id":1,"result":{},"error":{}}')).toBeUndefined();
});

test.each([
  ["7", 7],
  ["7.0", 7],
  ["7e0", 7],
  ['"7"', 7],
  ['"\\u0037"', 7],
  ["2147483647", 2_147_483_647],
  ["-7", -7],
  ["1.5", 1.5],
  ['"07"', Number.NaN],
  ['"7.0"', Number.NaN],
  ['" 7"', Number.NaN],
  ['"0x7"', Number.NaN],
  ['""', Number.NaN],
  ['"7', Number.NaN],
  ["null", Number.NaN],
  [undefined, Number.NaN],
])("the id %s that a server sends back is the number %s", (id, number) => {
  expect(idNumber(id)).toBe(number);
});

test.each([0, 1, 2, 3, 8, 9])(
  "a string that ends after %i backslashes and an escaped quote ends where it should",
  (run) => {
    const value = JSON.stringify(`${"\\".repeat(run)}"`) + ',"x":' + JSON.stringify("\\".repeat(run));
    const message = read(`{"jsonrpc":"2.0","params":{"a":${value}},"id":1,"method":"m"}`);
    expect(message.id).toBe("1");
  },
);

test.each([
  "",
  "{",
  "null",
  "[]",
  '"text"',
  "{}",
  '{"jsonrpc":"2.0"}',
  '{"jsonrpc":"2.0","id":1}',
  '{"jsonrpc":"2.0","id":null,"method":"m"}',
  '{"jsonrpc":"2.0","id":true,"method":"m"}',
  '{"jsonrpc":"2.0","id":{"a":1},"method":"m"}',
  '{"jsonrpc":"2.0","id":[1],"method":"m"}',
  '{"jsonrpc":"2.0","result":{}}',
  '{"jsonrpc":"2.0","id":1,"method":"m","result":{}}',
  '{"jsonrpc":"2.0","id":1,"method":""}',
  '{"jsonrpc":"2.0","id":1,"method":7654}',
  '{"jsonrpc":"1.0","id":1,"method":"m"}',
  '{"jsonrpc":2.0,"id":1,"method":"m"}',
  '{"id":1,"method":"m"}',
  '["jsonrpc":"2.0","id":1,"method":"m"}',
  '{"jsonrpc";"2.0","id":1,"method":"m"}',
  '{"jsonrpc":"2.0";"id":1,"method":"m"}',
  '{\'jsonrpc\':"2.0","id":1,"method":"m"}',
  '{x":1,"jsonrpc":"2.0","id":1,"method":"m"}',
  '{"jsonrpc":"2.0","id":1 2,"method":"m"}',
  '{"jsonrpc":"2.0","id":,"method":"m"}',
  '{"jsonrpc":"2.0","id":1,"method":"m",}',
  '{"jsonrpc":"2.0","id":1 "method":"m"}',
  '{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":"b}',
  '{"jsonrpc":"2.0","id":1,"method":"m","params":[[[',
  '{"jsonrpc":"2.0","id":1,"method":"m\\"}',
  "\u00ef\u00bb\u00bf{",
])("%j is not a message", (text) => {
  expect(readMessage(text)).toBeUndefined();
});

test.each(
  [
    '{"jsonrpc":"2.0","id":1,"method":"a","id":2}',
    '{"jsonrpc":"2.0","id":1,"method":"a","\\u0069d":2}',
    '{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}',
    '{"jsonrpc":"2.0","id":1,"method":"a","params":{},"params":{}}',
    '{"jsonrpc":"2.0","id":1,"method":"a","ID":2}',
    '{"jsonrpc":"2.0","id":1,"method":"a","Params":{}}',
    '{"jsonrpc":"2.0","id":1,"method":"a","param\u017f":{}}',
    '{"jsonrpc":"2.0","id":1,"method":"a","id\\u0000":2}',
    '{"jsonrpc":"2.0","id":1,"id":2,"result":{}}',
    '{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"result":{}}',
    '{"jsonrpc":"2.0","id":1,"result":{},"result":{}}',
  ].map(bytes),
)("an envelope that two parsers could read differently is rejected: %s", (text) => {
  expect(readMessage(text)).toBeUndefined();
});

test("inside params and result the envelope's keys may be repeated and differ in case", () => {
  expect(read('{"jsonrpc":"2.0","id":1,"method":"a","params":{"id":1,"id":2,"ID":3}}').id).toBe("1");
  expect(read('{"jsonrpc":"2.0","id":1,"result":[{"result":1,"Result":2}]}').id).toBe("1");
});

test.each(['{"jsonrpc":"2.0","id":1,"result":{}} x', '{"jsonrpc":"2.0","id":1,"result":{}}{"jsonrpc":"2.0"}'])(
  "a message with anything after it is rejected: %s",
  (text) => {
    expect(readMessage(text)).toBeUndefined();
  },
);

test.each(["7oops", "undefined", "01", "1.", "-", "tru"])(
  "a message with a value that is not JSON is rejected: %s",
  (value) => {
    expect(readMessage(`{"jsonrpc":"2.0","id":${value},"method":"a"}`)).toBeUndefined();
    expect(readMessage(`{"jsonrpc":"2.0","id":1,"result":${value}}`)).toBeUndefined();
  },
);
