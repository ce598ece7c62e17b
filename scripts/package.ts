/** `npm run --silent package`: builds the package that is published, and prints its tarball's path. */
import { join } from "node:path";
import { $ } from "zx";
import { place } from "../stacks/project.ts";
import { print } from "./kit/print.ts";
import { progress } from "./kit/progress.ts";
import { verb } from "./kit/verb.ts";
import { buildCreatePackage, buildPackage } from "./package/build.ts";

const usage = `npm run --silent package

Builds the packages create-gangway-mcp and gangway-mcp into .gangway/create and .gangway/package, and prints the paths of
their tarballs: that of gangway-mcp is the last line.

  --help   print this`;

await verb({
  name: "npm run package",
  usage,
  run: async () => {
    const step = progress(false);
    const create = join(place.gangway, "create");
    await step("bundling create-gangway-mcp", () => buildCreatePackage(create));
    print(await pack(create));
    const folder = join(place.gangway, "package");
    await step("bundling gangway-mcp", () => buildPackage(folder));
    print(await pack(folder));
  },
});

/** @returns the path of the tarball */
async function pack(folder: string): Promise<string> {
  const packed = await $({ cwd: folder, quiet: true })`npm pack --json`;
  const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
  return join(folder, filename);
}
