/** The name of a new project, which is that of an npm package. */
import { basename } from "node:path";
import { WrongUse } from "../kit/arguments.ts";

/** npm refuses to install a package into one of the same name. */
const taken: ReadonlySet<string> = new Set(["gangway-mcp", "node_modules", "favicon.ico"]);

/**
 * The name that was given, or that of the folder.
 * @throws WrongUse when npm would not take it; @see https://docs.npmjs.com/cli/configuring-npm/package-json#name
 */
export function nameOf(folder: string, given: string | undefined): string {
  const name = given ?? basename(folder);
  if (isName(name)) return name;
  const expected = taken.has(name) ? "another one" : "a-z, 0-9 and inside it -, . and _, at most 214 of them";
  throw new WrongUse(
    `"${name}" cannot be the name in package.json, expected ${expected}: pass one, as in --name ${suggestion(name)}`,
  );
}

const isName = (name: string) =>
  /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/.test(name) && name.length <= 214 && !taken.has(name);

/** The nearest name that npm takes. */
function suggestion(name: string): string {
  const near = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9._]+/g, "-")
    .replaceAll(/^[._-]+|[._-]+$/g, "")
    .slice(0, 100);
  return near !== "" && isName(near) ? near : "my-servers";
}
