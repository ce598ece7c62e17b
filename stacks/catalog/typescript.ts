/** Which Node runs a catalog. */

/** What a Node says of itself, as `process` does. */
export interface Node {
  /** How it runs TypeScript; false or undefined when it does not. */
  readonly features: { readonly typescript?: string | false | undefined };
  readonly versions: { readonly node: string };
}

/** Why this Node cannot run a TypeScript file; undefined when it can. */
export function tooOld(file: string, { features, versions }: Node = process): string | undefined {
  if (features.typescript) return undefined;
  return `${file} needs Node 22.18 or 24, or newer, which run TypeScript as it is; this is Node ${versions.node}. Get one at https://nodejs.org/en/download`;
}
