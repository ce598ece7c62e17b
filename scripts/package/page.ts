/**
 * Builds the script and the style of the page into `gateways/page/built.ts`, from which the gateway takes them: as a module
 * they are in every bundle and in every image, and sources run as they are. A test compares the file with what this makes. It is
 * not beside its sources, whose tsconfig.json a bundler would look for the roots of.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { rolldown } from "rolldown";
import { root, shipped } from "../../stacks/shipped.ts";

const BUILT = "gateways/page/built.ts";

/** The text of the module. */
export async function builtPage(): Promise<string> {
  const build = await rolldown({
    cwd: root,
    input: "gateways/page/browser/main.ts",
    platform: "browser",
    logLevel: "silent",
    experimental: { attachDebugInfo: "none" },
  });
  const { output } = await build.generate({ format: "esm", minify: true, codeSplitting: false });
  await build.close();
  const script = output[0].code.trim();
  // Whatever a string of ours says, it must not end the element that it stands in.
  if (/<\/script|<!--/i.test(script))
    throw new Error("the script would end its own element: write that text another way");
  const style = smaller(readFileSync(shipped("gateways/page/browser/page.css"), "utf8"));
  return `/** Made by \`npm run page\` from the files in browser: do not edit. */
export const SCRIPT = ${JSON.stringify(script)};
export const STYLE = ${JSON.stringify(style)};
`;
}

/** Without comments and the white space that means nothing. */
const smaller = (css: string) =>
  css
    .replace(/\/\*[^]*?\*\//g, "")
    .replace(/\s+/g, " ")
    .replace(/ ?([{};,]) ?/g, "$1")
    .replace(/: /g, ":")
    .replace(/;}/g, "}")
    .trim();

if (import.meta.main) writeFileSync(shipped(BUILT), await builtPage());
