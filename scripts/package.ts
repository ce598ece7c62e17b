/** `npm run --silent package`: builds the packages that are published, checks them, and prints their tarballs' paths. */
import { join } from "node:path";
import { project } from "../stacks/project.ts";
import { print, tell } from "./kit/print.ts";
import { progress } from "./kit/progress.ts";
import { shellWord } from "./kit/shell-word.ts";
import { verb } from "./kit/verb.ts";
import { Installed } from "./package/installed.ts";
import { pack } from "./package/pack.ts";
import { packages } from "./package/packages.ts";

const usage = `npm run --silent package

Builds each package that is published into .gangway/package, checks its contents and its size, installs it into an
empty folder and runs it there. The last line it prints is the path of the tarball of gangway-mcp, and the line before it
how to try that out.

  --help   print this`;

await verb({
  name: "npm run package",
  usage,
  run: async () => {
    const folder = join(project, ".gangway", "package");
    const step = progress(false);
    for (const one of packages) {
      const { file, packed } = await step(`building ${one.name}`, () => pack(one, folder));
      const [size, unpacked] = [packed.size, packed.unpackedSize].map((bytes) => `${Math.ceil(bytes / 1_000)} kB`);
      tell(`  ${one.name}: ${packed.files.length} files, ${size} packed, ${unpacked} unpacked`);
      if (one.name === "gangway-mcp") await tryOut(file, step);
      if (one.name === "gangway-mcp") print(`try it: npx --yes ${shellWord(`file:${file}`)} --help`);
      print(file);
    }
  },
});

/** Installs it and runs it on this Node. scripts/package/nodes.package.test.ts does so on all that it is for. */
async function tryOut(tarball: string, step: ReturnType<typeof progress>): Promise<void> {
  const installed = await step("installing it into an empty folder", () => Installed.from(tarball));
  try {
    await step("running it: gangway --version", () => expectCode(installed, ["--version"]));
    await step("running it: gangway --help", () => expectCode(installed, ["--help"]));
    await step("running it: gangway --stdio, to a tool call", () => installed.callThroughStdio());
    await step("running it: gangway start, to a tool call", () => installed.callThroughStart());
  } finally {
    installed.remove();
  }
}

/** @throws Error with what it printed */
async function expectCode(installed: Installed, words: readonly string[]): Promise<void> {
  const { code, output } = await installed.run(words);
  if (code !== 0) throw new Error(`gangway ${words.join(" ")} ended with ${String(code)}:\n${output}`);
}
