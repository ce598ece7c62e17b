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
 * @throws Error when it brings none, or several of which none has the package's name
 */
export function binOf(manifest: {
  readonly name: string;
  readonly bin?: string | Readonly<Record<string, string>>;
}): string {
  const { name, bin = {} } = manifest;
  if (typeof bin === "string") return bin;
  const programs = Object.values(bin);
  const found = bin[name.split("/").at(-1) ?? name] ?? (programs.length === 1 ? programs[0] : undefined);
  if (found !== undefined) return found;
  const names = Object.keys(bin).join(", ") || "none";
  throw new Error(`${name} brings these programs: ${names}; expected one, or one with the package's name`);
}
