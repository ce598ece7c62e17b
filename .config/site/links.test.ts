import { expect, test } from "vitest";
import { documents } from "../../.github/documents.ts";
import { pageOf, type Site } from "./links.ts";
import { pages } from "./pages.ts";

const files = ["gateways/CLIENTS.md", "gateways/README.md", "gateways/app.ts", "gateways/a.svg"];
const site: Site = {
  repository: "https://example.org/gangway",
  kindOf: (path) => (files.includes(path) ? "file" : path === "gateways" ? "folder" : undefined),
  picture: (path) => `./copied-${path.replaceAll("/", "-")}`,
};
const page = (text: string, options: Site = site) => pageOf(text, "stacks/DEPLOY.md", options);

test.each([
  ["a document", "[clients](../gateways/CLIENTS.md)", "[clients](./clients.md)"],
  ["a heading in it", "[`x`](../gateways/CLIENTS.md#codex)", "[`x`](./clients.md#codex)"],
  ["a folder with a README", "[gateways](../gateways)", "[gateways](./gateways.md)"],
  ["a source", "[app](../gateways/app.ts)", "[app](https://example.org/gangway/blob/HEAD/gateways/app.ts)"],
  ["another site", "[x](https://example.com/a)", "[x](https://example.com/a)"],
  ["the same page", "[x](#local)", "[x](#local)"],
  ["a picture", "![x](../gateways/a.svg)", "![x](./copied-gateways-a.svg)"],
  [
    "a picture in HTML",
    '<img alt="x" src="../gateways/a.svg"><source srcset="../gateways/a.svg">',
    '<img alt="x" src="./copied-gateways-a.svg"><source srcset="./copied-gateways-a.svg">',
  ],
  ["code", "`[x](../none.md)`\n\n```\n[x](../none.md)\n```", "`[x](../none.md)`\n\n```\n[x](../none.md)\n```"],
])("a link to %s works on the site", (_, written, expected) => {
  expect(page(written)).toBe(expected);
});

test("without the repository's address, a source is named and is no link", () => {
  expect(page("see [`app.ts`](../gateways/app.ts).", { ...site, repository: undefined })).toBe("see `app.ts`.");
});

test("a link that leads nowhere fails the build", () => {
  expect(() => page("[x](../gateways/GONE.md)")).toThrow("stacks/DEPLOY.md links to ../gateways/GONE.md");
});

test("every document is on the site, except what is not for its readers", () => {
  const others = /^\.github\/pull_request_template|^templates\/project\/|^scripts\/package\//;
  const expected = documents().filter((file) => !others.test(file));
  expect(pages.map(({ file }) => file).toSorted()).toEqual(expected.toSorted());
});
