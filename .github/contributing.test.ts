/** The documentation names files that exist, and its links lead somewhere. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { documents, root } from "./documents.ts";

const isThere = (...path: readonly string[]) => existsSync(join(...path));

const recipes = readRecipes();

test("there are twelve recipes", () => {
  expect(recipes).toHaveLength(12);
});

test.each(recipes)("every file exists that a recipe names: $title", ({ text }) => {
  const paths = matches(text, /`((?:gateways|stacks|scripts|templates)\/[^`\s]*)`/g);
  expect(paths).not.toEqual([]);
  const isInNewFolder = (path: string) => path.includes("<") && text.includes(`makes the folder \`${path}\``);
  const missing = paths.filter((path) => !isInNewFolder(path) && !isThere(root, existingPart(path)));
  expect(missing).toEqual([]);
});

test.each(documents())("every relative link of %s resolves", (name) => {
  const file = join(root, name);
  const missing = linksOf(readFileSync(file, "utf8")).filter((link) => {
    const [path = "", heading] = decodeURI(link).split("#");
    const target = path === "" ? file : join(dirname(file), path);
    if (!isThere(target)) return true;
    return heading !== undefined && target.endsWith(".md") && !headingsOf(target).includes(heading);
  });
  expect(missing).toEqual([]);
});

function readRecipes(): readonly { title: string; text: string }[] {
  const [, section = ""] = readFileSync(join(root, ".github/CONTRIBUTING.md"), "utf8").split("\n## Recipes\n");
  const [all = ""] = section.split("\n## ");
  return all
    .split("\n### ")
    .slice(1)
    .map((text) => ({ title: text.split("\n")[0] ?? "", text }));
}

/** Of a new file, `folder/<name>.ts`, the folder. */
function existingPart(path: string): string {
  return path.includes("<") ? dirname(path.slice(0, path.indexOf("<") + 1)) : path;
}

/** The targets of links and pictures outside of code, without those that have a scheme. */
function linksOf(text: string): readonly string[] {
  const prose = withoutBlocks(text).replaceAll(/`[^`\n]*`/g, "");
  const targets = matches(prose, /\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g);
  return targets.filter((target) => !/^[a-z][a-z+.-]*:|^\/\//i.test(target));
}

/** The anchors that GitHub gives to headings. */
function headingsOf(file: string): readonly string[] {
  const headings = matches(withoutBlocks(readFileSync(file, "utf8")), /^#+ +(.+)$/gm);
  return headings.map((heading) =>
    heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-"),
  );
}

const withoutBlocks = (text: string) => text.replaceAll(/^(```|~~~).*?^\1/gms, "");

/** What the first group of a pattern matches. */
const matches = (text: string, pattern: RegExp) => Array.from(text.matchAll(pattern), ([, group = ""]) => group);
