import { expect, test } from "vitest";
import { picture } from "./picture.ts";

test("a line keeps its text and its colours, and nothing that XML would read", () => {
  const drawn = picture("$ a <b> & c\n\u001b[1mmemory\u001b[22m  \u001b[32mup\u001b[39m 9\n", "a < b");
  expect(drawn).toContain("$ a &lt;b&gt; &amp; c</text>");
  expect(drawn).toContain('<tspan class="bold">memory</tspan>  <tspan class="green">up</tspan> 9</text>');
  expect(drawn).toContain('<title id="title">a &lt; b</title>');
  expect(drawn).not.toContain("\u001b");
});

test("it is as wide as its longest line, and as high as its lines", () => {
  const [width, height] = sizeOf("1234567890");
  expect(sizeOf("12345678901234567890\n1")).toEqual([
    expect.toSatisfy((wider: number) => wider > width! + 70),
    height! + 19,
  ]);
});

const sizeOf = (text: string) => /width="(\d+)" height="(\d+)" role/.exec(picture(text, "t"))!.slice(1).map(Number);
