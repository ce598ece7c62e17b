import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { VERSION } from "../../../gateways/version.ts";
import { services } from "../../../stacks/services.ts";
import { root } from "../../../stacks/shipped.ts";
import { summary } from "../../start/report.ts";
import { entryOf } from "../../start/run.ts";
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

test("the README's picture is what npm start prints of the catalog today", () => {
  const lines = picturedLines();
  const up = lines.flatMap((line) => /^(\S+) +http.*tools/.exec(line)?.[1] ?? []);
  const hub = "http://127.0.0.1:3000";
  const occasion = { entries: shown.map(entryOf), hub, log: ".gangway/gateway.log", isAsked: false, all: false };
  const health = shown.map(({ name, port }) => ({
    ...{ name, url: `http://127.0.0.1:${port}/mcp` },
    ...(up.includes(name) ? { state: "up" as const } : { state: "needs" as const, needs: TOO_LONG }),
  }));
  const hint = "draw it again: node scripts/lab/terminal/main.ts > .github/terminal.svg";
  expect(lines, hint).toEqual(expect.arrayContaining(summary(health, occasion)));
  expect(lines[1], hint).toBe(`gangway ${VERSION}, starting the services in stacks/services.ts`);
});

/** What is not mentioned before its secret is set is not in the picture. */
const shown = Object.values(services).filter(({ optional }) => !optional);

/** For one line, so that the line for all that wait has no details of the machine on which it was drawn. */
const TOO_LONG = "A_KEY".repeat(10);

function picturedLines(): string[] {
  const [, text = ""] = /<desc[^>]*>(.*)<\/desc>/s.exec(readFileSync(join(root, ".github/terminal.svg"), "utf8"))!;
  const plain = text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  return plain.split("\n").map((line) => line.trim());
}
