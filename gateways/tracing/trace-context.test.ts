import { expect, test } from "vitest";
import { readMessage, type Message } from "../jsonrpc.ts";
import { contextIn, newContext, readContext, withContext, writeContext } from "./trace-context.ts";

const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const context = readContext(PARENT)!;

const message = (params?: string) =>
  readMessage(`{"jsonrpc":"2.0","id":1,"method":"x"${params === undefined ? "" : `,"params":${params}`}}`) as Message;

test.each([
  "",
  "00",
  "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
  "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  "00-00000000000000000000000000000000-b7ad6b7169203331-01",
  "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
  "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01",
  `${PARENT}x`,
])("%j is no context", (written) => {
  expect(readContext(written)).toBeUndefined();
});

test("a context is read as it is written, and a version to come by what this one knows", () => {
  expect(writeContext(context)).toBe(PARENT);
  expect(readContext(PARENT.replace(/01$/, "00"))?.isSampled).toBe(false);
  expect(readContext(`cc${PARENT.slice(2)}-more`)).toEqual(context);
});

test("what begins is in its parent's trace, or in one of its own", () => {
  const child = newContext(context);
  expect(child.traceId).toBe(context.traceId);
  expect(child.spanId).toMatch(/^(?!b7ad6b7169203331)[0-9a-f]{16}$/);
  expect(newContext(undefined).traceId).toMatch(/^[0-9a-f]{32}$/);
});

test.each([
  [undefined, `{"_meta":{"traceparent":"${PARENT}"}}`],
  ["{}", `{"_meta":{"traceparent":"${PARENT}"}}`],
  ['{"a":1.0}', `{"_meta":{"traceparent":"${PARENT}"},"a":1.0}`],
  ['{"_meta":{}}', `{"_meta":{"traceparent":"${PARENT}"}}`],
  ['{"_meta": {"progressToken":7},"a":[]}', `{"_meta": {"traceparent":"${PARENT}","progressToken":7},"a":[]}`],
  ['{"_meta":{"traceparent":"x","baggage":"b"}}', `{"_meta":{"traceparent":"${PARENT}","baggage":"b"}}`],
  ["[1]", "[1]"],
  ['{"_meta":[]}', '{"_meta":[]}'],
])("%j gets the context, and keeps everything else as it is", (params, expected) => {
  const passed = withContext(message(params), context);
  expect(passed.text.slice(passed.params, passed.end)).toBe(expected);
  expect(contextIn(passed)).toEqual(expected.includes("traceparent") ? context : undefined);
});
