import { join } from "node:path";
import { rolldown, type Plugin } from "rolldown";
import { expect, test } from "vitest";
import type * as Yaml from "yaml";
import { root } from "../../stacks/shipped.ts";
import { withoutOldYaml } from "./without-old-yaml.ts";

async function bundled(plugins: readonly Plugin[]): Promise<{ readonly yaml: typeof Yaml; readonly size: number }> {
  const build = await rolldown({ input: join(root, "node_modules/yaml/browser/dist/index.js"), plugins: [...plugins] });
  const [{ code }] = (await build.generate({ format: "esm", comments: false })).output;
  await build.close();
  return { yaml: (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as typeof Yaml, size: code.length };
}

const [whole, less] = [await bundled([]), await bundled([withoutOldYaml])];

test.each([
  ["a: 1\nb: [x, 'y', 0x1f, 1.5, true, ~]\nc: &d { e: |\n  lines\n  }\nf: *d\n".replace("|\n  lines\n  ", "lines")],
  ["extensions:\n  memory: # a comment\n    type: stdio\n    args: [-y, pkg@1.2.3]\n"],
  ["%YAML 1.1\n---\na: text\nb: [1, 2]\n"],
  ["a: 2026-11-30\nb: yes\n<<: x\n"],
])("%j is read as with the whole of it", (text) => {
  const [one, other] = [whole, less].map(({ yaml }) => yaml.parseAllDocuments(text) as Yaml.Document.Parsed[]);
  expect(other?.map((document) => document.toJS() as unknown)).toEqual(
    one?.map((document) => document.toJS() as unknown),
  );
  expect(other?.map(({ errors }) => errors)).toEqual([[]]);
  expect(other?.map(String)).toEqual(one?.map(String));
});

test("with a tag of what is left out, the rest is read, and the text stays", () => {
  const [document] = less.yaml.parseAllDocuments("a: !!timestamp 2026-11-30\nb: !!set { x, y }\nc: 1\n", {
    logLevel: "silent",
  });
  expect(document).toMatchObject({ errors: [] });
  expect(document?.toJS()).toMatchObject({ a: "2026-11-30", c: 1 });
});

test("it is smaller", () => {
  expect(less.size / whole.size).toBeLessThan(0.93);
});
