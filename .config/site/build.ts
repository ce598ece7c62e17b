/**
 * `npm run site`: builds the documents into a static site in .gangway/site. `npm run site -- dev` shows it while you write.
 *
 *   SITE_BASE         where it will be served: "/gangway/" @default "/"
 *   SITE_REPOSITORY   "https://github.com/<owner>/<name>", where links to sources lead @default - they are no links
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { npmCi } from "../../scripts/kit/npm-ci.ts";
import { type Site, pageOf } from "./links.ts";
import { pages } from "./pages.ts";

const here = import.meta.dirname;
const root = join(here, "../..");
const written = join(here, ".gangway/pages");

const [command = "build"] = process.argv.slice(2);
installTools();
writePages();
process.exitCode = vitepress();

/** VitePress has a lockfile of its own: its 100 MB are only for those who build the site. */
function installTools(): void {
  if (!existsSync(join(here, "node_modules/vitepress")) && !npmCi(here)) process.exit(1);
}

function writePages(): void {
  rmSync(written, { recursive: true, force: true });
  mkdirSync(written, { recursive: true });
  const site: Site = {
    repository: process.env["SITE_REPOSITORY"],
    kindOf: (path) => {
      const found = statSync(join(root, path), { throwIfNoEntry: false });
      return found && (found.isDirectory() ? "folder" : "file");
    },
    picture: copyPicture,
  };
  for (const { file, at } of pages)
    writeFileSync(join(written, `${at}.md`), pageOf(readFileSync(join(root, file), "utf8"), file, site));
}

function copyPicture(path: string): string {
  copyFileSync(join(root, path), join(written, basename(path)));
  return `./${basename(path)}`;
}

/** Fails on links that lead nowhere. @returns its exit code */
function vitepress(): number {
  const program = join(here, "node_modules/vitepress/bin/vitepress.js");
  return spawnSync(process.execPath, [program, command, here], { stdio: "inherit" }).status ?? 1;
}
