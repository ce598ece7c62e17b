/** What the scopes of a token open. */
import { scopeOf, toolScopeOf } from "./introspection.ts";

/**
 * Patterns of the tools of a service that the scopes of a token open. Each scope adds to the others, so a pattern that excludes
 * is none: alone it would open everything else.
 * @returns undefined = all; an empty list = none
 */
export function toolsIn(scopes: readonly string[], service: string): readonly string[] | undefined {
  if (scopes.includes(scopeOf(service))) return undefined;
  const start = toolScopeOf(service, "");
  const patterns = scopes.filter((scope) => scope.startsWith(start)).map((scope) => scope.slice(start.length));
  return patterns.filter((pattern) => !pattern.startsWith("!"));
}

export const scopesIn = (scope: string): string[] => scope.split(" ").filter((word) => word !== "");

/** Characters that a scope cannot have (RFC 6749, section 3.3), and that would end the text that it stands in. */
const NOT_IN_SCOPES = /[^\x21\x23-\x5b\x5d-\x7e ]/g;

/** Scopes as a header has them. */
export const quotedScope = (scope: string): string => `"${scope.replace(NOT_IN_SCOPES, "")}"`;
