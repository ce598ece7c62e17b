import { expect, test } from "vitest";
import { META } from "./bridge/versions.ts";
import { readClientMessage } from "./client-message.ts";

const request = (method: string, meta: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{"name":"n","_meta":${meta}}}`;

const invalid = expect.objectContaining({ name: "invalid-params" });
const ambiguous = expect.objectContaining({ name: "invalid-request" });

test("what passes with a method that is not known is still refused with one that is", () => {
  const meta = `{"${META.logLevel}":5}`;
  for (const method of ["x/unknown", "x/unknown"]) readClientMessage(request(method, meta));
  expect(() => readClientMessage(request("tools/call", meta))).toThrow(invalid);
});

test("metadata that was read before does not hide what is wrong with the next, whatever they share", () => {
  const good = `{"${META.client}":{"name":"c","version":"1"}}`;
  for (const text of [good, good]) expect(readClientMessage(request("tools/call", text)).meta).toBeDefined();
  const bad = [`{"${META.client}":{"name":"c","name":"1"}}`, `{"${META.client}":{"name":"c","Name":"1"}}`];
  for (const text of [...bad, good.replace("}}", '},"progresstoken":1}')])
    expect(() => readClientMessage(request("tools/call", text))).toThrow(ambiguous);
  const [first, second] = [1, 22].map((token) => `{"progressToken":${token}}`);
  const tokens = [first, second, first].map((text) => {
    const message = readClientMessage(request("tools/call", text!));
    return message.text.slice(message.token!.start, message.token!.end);
  });
  expect(tokens).toEqual(["1", "22", "1"]);
});
