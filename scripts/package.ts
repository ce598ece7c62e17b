/** `npm run --silent package`: builds the package that is published, and prints its tarball's path. */
import { join } from "node:path";
import { $ } from "zx";
import { project } from "../stacks/project.ts";
import { print } from "./kit/print.ts";
import { progress } from "./kit/progress.ts";
import { verb } from "./kit/verb.ts";
import { buildPackage } from "./package/build.ts";

const usage = `npm run --silent package

Builds the package gangway-mcp into .gangway/package. The last line it prints is the path of the tarball.

  --help   print this`;

await verb({
  name: "npm run package",
  usage,
  run: async () => {
    const folder = join(project, ".gangway", "package");
    const step = progress(false);
    await step("bundling", () => buildPackage(folder));
    const packed = await $({ cwd: folder, quiet: true })`npm pack --json`;
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    print(join(folder, filename));
  },
});
