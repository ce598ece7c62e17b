/** The files that come with us: those of a checkout, or of the installed package, which has the same folders. */
import { existsSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(import.meta.url);

/** Whether this is the installed package and not a checkout: sources are TypeScript. */
export const isPackage = extname(here) !== ".ts";

/** The folder with gateways, stacks and templates in it. It is looked for, because a bundler moves this module. */
export const root = ((): string => {
  let folder = dirname(here);
  while (!existsSync(join(folder, "templates"))) folder = dirname(folder);
  return folder;
})();

/** The path of a file that is data: `shipped("templates/nginx/http.conf")`. */
export const shipped = (path: string): string => join(root, path);

/** The path of a program, which is named without its ending: `program("gateways/main")`. */
export const program = (path: string): string => join(root, `${path}${extname(here)}`);
