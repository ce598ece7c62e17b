import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { timesAsLong } from "../fixtures/duration.ts";
import { MemoryBudget } from "../memory-budget.ts";
import { readBody, readMessages } from "./body.ts";

/** A request whose body is written by the test. */
function incoming(headers: Record<string, string> = {}): PassThrough & IncomingMessage {
  return Object.assign(new PassThrough(), { headers }) as unknown as PassThrough & IncomingMessage;
}

const memory = () => new MemoryBudget(1024 * 1024, 10).whole.hold();

const refusal = (name: string, status: number) => expect.objectContaining({ name, status });
const messagesOf = (text: string) => readMessages(Buffer.from(text)).messages;

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

test("a body in chunks is read as one", async () => {
  const req = incoming();
  const body = readBody(req, 100, memory());
  req.write("one ");
  req.write("two ");
  req.end("three");
  expect((await body).toString()).toBe("one two three");
});

test("an empty body is empty, not missing", async () => {
  const req = incoming();
  const body = readBody(req, 100, memory());
  req.end();
  expect(await body).toHaveLength(0);
});

test("a body of exactly the limit is read, one byte more is refused", async () => {
  const [exact, over] = [incoming({ "content-length": "5" }), incoming()];
  const bodies = [readBody(exact, 5, memory()), readBody(over, 5, memory())] as const;
  exact.end("12345");
  over.end("123456");
  expect(await bodies[0]).toHaveLength(5);
  await expect(bodies[1]).rejects.toThrow(refusal("body-too-large", 413));
});

test("a body whose length is too large is refused before any of it arrives", async () => {
  await expect(readBody(incoming({ "content-length": "101" }), 100, memory())).rejects.toThrow(/over 100 bytes/);
});

test("a body without a length is refused as soon as it is over the limit, before its end", async () => {
  const req = incoming();
  const body = readBody(req, 10, memory());
  req.write(Buffer.alloc(8));
  req.write(Buffer.alloc(8));
  await expect(body).rejects.toThrow(refusal("body-too-large", 413));
});

test("reading ends with an error when the client leaves before its body is complete", async () => {
  const req = incoming({ "content-length": "50" });
  const body = readBody(req, 100, memory());
  req.write("half");
  req.destroy();
  await expect(body).rejects.toThrow(refusal("body-incomplete", 400));
});

test("a single message is not a batch, an array of one is", () => {
  expect(readMessages(Buffer.from(PING))).toMatchObject({ batch: false, messages: [{ id: "1", method: "ping" }] });
  expect(readMessages(Buffer.from(`[${PING}]`))).toMatchObject({ batch: true, messages: [{ id: "1" }] });
});

test("the messages of a batch are read in order, each as it was written", () => {
  const texts = [PING, '{"jsonrpc":"2.0","method":"n","params":{"a":[1,2]}}', '{"jsonrpc":"2.0","id":"x","result":{}}'];
  expect(messagesOf(` [ ${texts.join(" , ")} ] `).map(({ text }) => text)).toEqual(texts);
});

test("text outside ASCII keeps its bytes", () => {
  const text = '{"jsonrpc":"2.0","id":"é☃","method":"m","params":{"😀":"\\u00e9"}}';
  const [message] = messagesOf(text);
  expect(Buffer.from(message?.text ?? "", "latin1").toString()).toBe(text);
});

test("line breaks between values do not reach a child, which would take them for the end", () => {
  const [message] = messagesOf(
    '{\r\n  "jsonrpc": "2.0",\n  "id": 1,\r  "method": "m", "params": {\n"a":\r"a\\nb"}\n}\n',
  );
  expect(message?.text).not.toMatch(/[\r\n]/);
  expect(JSON.parse(message?.text ?? "")).toEqual({ jsonrpc: "2.0", id: 1, method: "m", params: { a: "a\nb" } });
});

test.each([
  "",
  " ",
  "{",
  '{"a":}',
  "[1,]",
  "nonsense",
  '{"jsonrpc":"2.0","id":1,"method":"a\nb"}',
  `${PING} x`,
  `${PING}${PING}`,
  "\u00a0{}",
  "\ufeff\ufeff{}",
  " \ufeff{}",
])("%j is no JSON", (text) => {
  expect(() => messagesOf(text)).toThrow(refusal("parse-error", 400));
});

test("a byte order mark before the JSON is ignored", () => {
  for (const text of [PING, `[${PING}]`]) expect(messagesOf(`\ufeff${text}`).map(({ text }) => text)).toEqual([PING]);
});

test("bytes that are not UTF-8 are refused, and the refusal says so", () => {
  expect(() => readMessages(Buffer.from('{"a":"\xff"}', "latin1"))).toThrow(/not valid JSON \(it is not UTF-8\)\./);
});

test("a hundred thousand nested arrays are refused, and nothing overflows", () => {
  expect(() => messagesOf("[".repeat(100_000))).toThrow(refusal("parse-error", 400));
  expect(() => messagesOf("[".repeat(100_000) + "]".repeat(100_000))).toThrow(refusal("too-deep", 400));
});

const nested = (levels: number) =>
  `{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":${"[".repeat(levels - 2)}${"]".repeat(levels - 2)}}}`;

test("a message may be nested 64 levels deep, its own braces included, and one level more is refused", () => {
  expect(messagesOf(nested(64))).toHaveLength(1);
  expect(messagesOf(`[${nested(64)}]`)).toHaveLength(1);
  for (const text of [nested(65), `[${nested(65)}]`])
    expect(() => messagesOf(text)).toThrow("The body is nested more than 64 levels deep.");
});

test.each([
  ["[]", "the batch is empty"],
  ["1", "it is no object"],
  ["null", "it is no object"],
  ["[1]", "it is no object"],
  [`[${PING},[${PING}]]`, "it is no object"],
  ['{"id":1,"method":"m"}', '"jsonrpc" must be "2.0"'],
  ['{"jsonrpc":"1.0","id":1,"method":"m"}', '"jsonrpc" must be "2.0"'],
  ['{"jsonrpc":"2.0","id":null,"method":"m"}', '"id" must be a string or a number'],
  ['{"jsonrpc":"2.0","id":{},"method":"m"}', '"id" must be a string or a number'],
  ['{"jsonrpc":"2.0","id":1}', '"method" must be a string'],
  ['{"jsonrpc":"2.0","id":1,"method":5}', '"method" must be a string'],
  ['{"jsonrpc":"2.0","id":1,"method":""}', '"method" must be a string'],
  ['{"jsonrpc":"2.0","id":1,"method":"m","id":2}', 'the key "id" comes twice'],
  ['{"jsonrpc":"2.0","id":1,"method":"m","ID":2}', 'the key "ID" could be read as "id"'],
  ['{"jsonrpc":"2.0","id":1,"method":"m","data":2}', 'the envelope has no member "data"'],
  ['{"jsonrpc":"2.0","id":1,"method":"m","result":{}}', '"method" and "result" or "error" exclude each other'],
])("%s is JSON and no message: %s", (text, detail) => {
  expect(() => messagesOf(text)).toThrow(`The message is not a JSON-RPC 2.0 message: ${detail}.`);
  expect(() => messagesOf(text)).toThrow(refusal("invalid-request", 400));
});

const reading = (text: string) => {
  const body = Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"m","params":{"text":"${text}"}}`);
  return () => void readMessages(body);
};

test.each(["\u2028", "\u2029", "\u0085", "\u2028m\u0085"])(
  "a body of nothing but separators (%j) keeps nobody else waiting",
  (piece) => {
    const odd = reading(piece.repeat(1_000_000 / Buffer.byteLength(piece)));
    expect(timesAsLong(odd, reading("m".repeat(1_000_000)), 40)).toBeLessThan(40); // a function call for each was 200 times
  },
);
