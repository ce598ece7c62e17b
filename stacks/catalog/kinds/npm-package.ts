/** What an exact npm package ("@scope/pkg@1.2.3") is called in the file system and in itself. */

/** Its name and its version. */
export function splitPackage(spec: string): { readonly name: string; readonly version: string } {
  const at = spec.lastIndexOf("@");
  return { name: spec.slice(0, at), version: spec.slice(at + 1) };
}

/** One file or folder name for it: `@scope/pkg@1.2.3` becomes `@scope+pkg@1.2.3`. */
export const fileName = (spec: string): string => spec.replaceAll("/", "+");

/**
 * The path of the program that the package brings, as its package.json names it.
 * @throws Error when it brings none, one outside of its folder, or several of which none has the package's name
 */
export function binOf({ name, bin = {} }: { readonly name: string; readonly bin?: unknown }): string {
  const programs = typeof bin === "string" ? { [name]: bin } : { ...(bin as object) };
  const own = programs[name.split("/").at(-1) as keyof object] as unknown;
  const [only, ...more] = Object.values(programs) as unknown[];
  const found = own ?? (more.length === 0 ? only : undefined);
  if (typeof found === "string" && isInside(found)) return found;
  const names = Object.keys(programs).join(", ") || "none";
  throw new Error(`${name} brings these programs: ${names}; expected one, or one with the package's name`);
}

/** npm links no program elsewhere either. */
const isInside = (path: string) => !/^([/\\]|[a-z]:)/i.test(path) && !path.split(/[/\\]/).includes("..");
