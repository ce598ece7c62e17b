import { expect, test } from "vitest";
import { htmlOf } from "./markup.ts";
import { resultView } from "./result.ts";

const shown = (...content: unknown[]) => htmlOf(resultView({ result: { content } }));

test("a text that is JSON is indented, and any other stays as it is", () => {
  expect(shown({ type: "text", text: `{"a":[1]}` })).toContain(`{\n  "a": [\n    1\n  ]\n}`);
  for (const text of ["{ no JSON", "plain\n  text", `"quoted"`]) expect(shown({ type: "text", text })).toContain(text);
});

test.each([
  ["image/png", "AAAA", `<img src="data:image/png;base64,AAAA"`],
  ["image/svg+xml", "AAAA", "which this page does not show"],
  ["text/html", "AAAA", "which this page does not show"],
  [`image/png"onerror="x`, "AAAA", "which this page does not show"],
  ["image/png", `AAAA" onerror="x`, "is not Base64"],
  ["image/png", "A".repeat(8_000_001), "too large"],
  [undefined, undefined, "which this page does not show"],
])("an image of type %s is shown, or why not is told", (mimeType, data, expected) => {
  const html = shown({ type: "image", mimeType, data });
  expect(html).toContain(expected);
  expect(html.includes("<img")).toBe(expected.startsWith("<img"));
});

test("sound can be played", () => {
  expect(shown({ type: "audio", mimeType: "audio/wav", data: "AAAA" })).toContain(
    `<audio src="data:audio/wav;base64,AAAA" controls`,
  );
});

test.each([
  ["https://example.org/a", true],
  ["http://example.org/a", true],
  ["HTTPS://example.org/a", true],
  ["javascript:alert(1)", false],
  [" javascript:alert(1)", false],
  ["data:text/html,x", false],
  ["file:///etc/passwd", false],
  ["//example.org", false],
])("%s is a link: %s", (uri, isLink) => {
  for (const block of [
    { type: "resource_link", uri, name: "a" },
    { type: "resource", resource: { uri, text: "a" } },
  ]) {
    const html = shown(block);
    expect(html.includes("<a ")).toBe(isLink);
    expect(html.includes(`rel="noopener noreferrer"`)).toBe(isLink);
  }
});

test("a link says where it leads, whatever the tool calls it", () => {
  const html = shown({ type: "resource_link", uri: "https://evil.example/", title: "https://bank.example/" });
  expect(html).toContain(`<code>https://evil.example/</code>`);
  expect(shown({ type: "resource_link", uri: "https://example.org/" })).not.toContain("<code>");
});

test("an error of the tool and one of the protocol are told", () => {
  expect(htmlOf(resultView({ result: { isError: true, content: [] } }))).toContain("The tool reports an error.");
  expect(htmlOf(resultView({ error: { code: -32602, message: "no such tool" } }))).toContain(
    "Error -32602: no such tool",
  );
});

test("structured content is a tree, of bounded size and depth", () => {
  const wide = Array.from({ length: 100_000 }, (_, at) => at);
  let deep: unknown = "bottom";
  for (let at = 0; at < 1_000; at++) deep = { deep };
  const html = htmlOf(resultView({ result: { structuredContent: { wide, deep } } }));
  expect(/>98002 more</.test(html)).toBe(true);
  expect(html.length).toBeLessThan(400_000);
});

test.each([
  undefined,
  null,
  7,
  "text",
  [],
  { result: null },
  { result: { content: 7 } },
  { result: { content: [null, 7, [], {}] } },
])("an answer of a strange shape is shown, too: %j", (answer) => {
  expect(htmlOf(resultView(answer))).toContain(`class="result"`);
});
