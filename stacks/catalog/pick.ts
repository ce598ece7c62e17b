/** Picks what a person names on the command line or in a setting. */
import { nearest } from "../../gateways/config/nearest.ts";
import type { Service } from "./entry.ts";

/** A name that is not there. */
export class UnknownName extends Error {
  override readonly name = "UnknownName";
}

/** The named services in the catalog's order, or all of them. @throws UnknownName */
export function pickServices(services: Readonly<Record<string, Service>>, names: readonly string[]): Service[] {
  const all = Object.values(services);
  const known = all.map(({ name }) => name);
  const picked = pickNames(known, names);
  return all.filter(({ name }) => picked.includes(name));
}

/** The names in words, of which each may have several with commas between them. */
export const namesIn = (words: readonly string[]): string[] =>
  words.flatMap((word) => word.split(",")).filter((name) => name !== "");

/**
 * Those of the known names that were asked for, or all when none was.
 * @param names also several in one, with commas between them
 * @param what what they are names of @default "service"
 * @throws UnknownName with the nearest one and the list
 */
export function pickNames(known: readonly string[], names: readonly string[], what = "service"): readonly string[] {
  const asked = namesIn(names);
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown === undefined) return asked.length === 0 ? known : known.filter((name) => asked.includes(name));
  const near = nearest(unknown, known);
  const meant = near === undefined ? "" : `Did you mean "${near}"? `;
  throw new UnknownName(`no ${what} is called "${unknown}". ${meant}There are: ${known.join(", ")}.`);
}
