import { expect, test } from "vitest";
import { isFailure, resultText } from "./result.ts";

const text = { type: "text", text: "hello" };

test.each([
  ["text", { content: [text, { type: "text", text: "world" }] }, "hello\nworld"],
  ["text that repeats structured content", { content: [text], structuredContent: { a: 1 } }, "hello"],
  ["structured content alone", { content: [], structuredContent: { a: 1 } }, '{\n  "a": 1\n}'],
  ["a picture", { content: [{ type: "image", mimeType: "image/png", data: "AAAA" }] }, "[image: image/png, 3 bytes]"],
  ["a link", { content: [{ type: "resource_link", name: "a", uri: "file:///a" }] }, "[resource: a, file:///a]"],
  ["a file's text", { content: [{ type: "resource", resource: { uri: "file:///a", text: "in it" } }] }, "in it"],
  ["a kind that does not exist yet", { content: [{ type: "hologram" }] }, "[hologram]"],
  ["nothing", { content: [] }, "(the result is empty)"],
  ["something that is no result", {}, "(the result is empty)"],
])("%s", (_, result, expected) => {
  expect(resultText(result)).toBe(expected);
});

test("a tool that reports an error, or asks for more, has failed", () => {
  expect(isFailure({ content: [text], isError: true })).toBe(true);
  expect(isFailure({ resultType: "input_required" })).toBe(true);
  expect(isFailure({ content: [text] })).toBe(false);
});

test.each([null, 5, "x", {}, [null, 5, "x", []]].map((said) => [JSON.stringify(said), said]))(
  "%s in any place of a result is shown as far as it can be",
  (_, said) => {
    expect(typeof resultText({ content: said })).toBe("string");
    for (const type of ["text", "image", "audio", "resource", "resource_link", said])
      for (const field of ["text", "data", "mimeType", "uri", "name", "resource"])
        expect(typeof resultText({ content: [{ type, [field]: said }] })).toBe("string");
  },
);
