import { expect, test } from "vitest";
import { element, htmlOf } from "./markup.ts";

const EVIL = `<img src=x onerror="alert(1)">&amp;`;

test("texts and attributes are escaped, so that a browser reads back what was said", () => {
  expect(htmlOf(element("p", { title: EVIL }, EVIL))).toBe(
    `<p title="&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;amp;">&lt;img src=x onerror="alert(1)"&gt;&amp;amp;</p>`,
  );
});

test("texts in a row become one and empty ones none, as in a parsed document", () => {
  expect(element("p", {}, "a", ["b", undefined, [""]], element("b"), "", "c").children).toEqual([
    "ab",
    element("b"),
    "c",
  ]);
});

test("an attribute that is false or undefined is left out, and true has no value", () => {
  expect(htmlOf(element("input", { hidden: false, id: undefined, required: true, size: 3 }))).toBe(
    `<input required size="3">`,
  );
});

test("a line break at the beginning of a pre is not lost to the parser", () => {
  expect(htmlOf(element("pre", {}, "\na"))).toBe("<pre>\n\na</pre>");
});
