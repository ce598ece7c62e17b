/** Every variable that means something to us, from the tables that read them; and what a misspelt one was meant to be. */
import { distance } from "fastest-levenshtein";
import { allOptions, spellings } from "../../gateways/config/every-option.ts";
import type { Service } from "../catalog/entry.ts";
import { edgeChecks } from "../preflight/edge-values.ts";
import { environmentOnly, keyPortVariable, ownVariables, portVariable, providerVariables } from "./variables.ts";

/** The names of all variables that mean something for a catalog. */
export interface KnownNames {
  /** They may be in `.env` and in the environment. */
  readonly settings: readonly string[];
  /** They have an effect only in the environment. */
  readonly environmentOnly: readonly string[];
}

/** @param services all of the catalog: a variable of a service that is not started now is no mistake */
export function knownNames(services: readonly Service[]): KnownNames {
  const settings = [
    ...ownVariables,
    ...providerVariables,
    ...Object.keys(edgeChecks),
    ...Object.values(allOptions).flatMap(({ env }) => spellings(env)),
    ...services.flatMap(({ name, secrets, optionalSecrets }) => [
      portVariable(name),
      keyPortVariable(name),
      ...secrets,
      ...optionalSecrets,
    ]),
  ];
  return { settings: [...new Set(settings)], environmentOnly };
}

/** What to say about a name that sets nothing: nothing may start with a mistake. */
interface Told {
  readonly mistake?: string;
  readonly notice?: string;
}

/** What is to be said about a name on a line of `.env`; undefined: nothing, it is known. */
export function didYouMean(name: string, known: KnownNames, line: number): Told | undefined {
  if (known.settings.includes(name)) return undefined;
  const where = `.env line ${line}: ${name}`;
  if (known.environmentOnly.includes(name))
    return { notice: `${where} has no effect in .env, only in the environment: export it` };
  const meant = misspelt(name, known.settings);
  if (meant !== undefined) return { mistake: `${where} is not a setting. Did you mean ${meant}?` };
  const longer = abbreviated(name, known.settings);
  const hint = longer === undefined ? "" : `. If you meant ${longer}, rename it`;
  return { notice: `${where} is not a setting, so it has no effect${hint}` };
}

/** The name that differs in two letters at most; short names in fewer, because they resemble too much. */
function misspelt(name: string, known: readonly string[]): string | undefined {
  const written = name.toUpperCase().replaceAll("-", "_");
  const near = known
    .map((other) => ({ other, off: distance(written, other) }))
    .filter(({ other, off }) => off <= (isSwapped(written, other) ? 2 : Math.min(2, Math.floor(other.length / 3))));
  return near.toSorted((a, b) => a.off - b.off)[0]?.other;
}

const sorted = (text: string) => text.split("").toSorted().join("");
const isSwapped = (a: string, b: string) => sorted(a) === sorted(b);

/** The name of which somebody left out words: CODA_TOKEN for CODA_API_TOKEN. One word alone stands for too much. */
function abbreviated(name: string, known: readonly string[]): string | undefined {
  const words = name.toUpperCase().split("_");
  return words.length < 2 ? undefined : known.find((other) => isWithin(words, other.split("_")));
}

function isWithin(words: readonly string[], longer: readonly string[]): boolean {
  let at = 0;
  for (const word of longer) if (word === words[at]) at += 1;
  return at === words.length;
}
