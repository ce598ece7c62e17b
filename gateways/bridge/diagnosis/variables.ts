/** Variables that a server asks for: it gets none that it is not given, and people expect theirs to reach it. */
import type { Clues } from "./clues.ts";

const NAME = /\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b/g;
/** A name of one word is one only where the line says so. */
const SHORT_NAME =
  /\b(?:variables?|env(?:ironment)?)\s+(?:variable\s+)?[`'"]?([A-Z][A-Z0-9]{2,})\b|\b([A-Z][A-Z0-9]{2,})[`'"]?\s+(?:env(?:ironment)?\b|variable|(?:is|was)\s+(?:not set|required|missing|unset|undefined))/g;
const LACK =
  /missing|required?|not (?:been )?(?:set|defined|provided|found|configured|specified)|unset|undefined|must|needs?\b|provide|expected|environment variable|set the|please set|no \S+ (?:set|found|provided)|KeyError/i;
/** Error codes, which look like variables. */
const CODE = /^(?:ERR|E|UV|HTTP|SSL|NPM)_|(?:_NOT_FOUND|_INVALID_\w+)$|^(?:MODULE|UNABLE|SELF|DEPTH|CERT)_/;

/** A variable that the server says it lacks. */
export function missingVariable(clues: Clues): string | undefined {
  const named = namedIn(`${clues.stderr}\n${clues.stdout}`).filter((name) => clues.given[name] === undefined);
  const here = named.filter((name) => isSet(clues.here, name));
  if (here.length > 0)
    return `${list(here)} ${here.length > 1 ? "are" : "is"} set here but not passed on to the server: ${howToPass(here, clues)}.`;
  const lacks = named.filter((name) => !CODE.test(name));
  if (lacks.length === 0 || clues.end === undefined) return undefined;
  return `It needs ${list(lacks)}, which ${lacks.length > 1 ? "are" : "is"} not set here: set ${lacks.length > 1 ? "them" : "it"}, and ${howToPass(lacks, clues)}.`;
}

const isSet = (here: Clues["here"], name: string) => here[name] !== undefined || here[`${name}_FILE`] !== undefined;

/** The names in lines that speak of something missing, and in the list below such a line. */
function namedIn(said: string): string[] {
  const names = new Set<string>();
  let inList = false;
  for (const line of said.split("\n")) {
    const lacks = LACK.test(line);
    inList = lacks || (inList && /^\s*(?:[-*\u2022]|\d+[.)])?\s*[`'"]?[A-Z][A-Z0-9_]+\b/.test(line));
    if (!inList) continue;
    for (const name of line.match(NAME) ?? []) names.add(name);
    for (const [, one, other] of line.matchAll(SHORT_NAME)) names.add((one ?? other)!);
  }
  return [...names].slice(0, MOST);
}

/** How many names are told. */
const MOST = 5;

const list = (names: readonly string[]) =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** Where a server's variables are named depends on how it was configured. */
function howToPass(names: readonly string[], { inFile, here }: Clues): string {
  if (inFile)
    return `add ${list(names)} to "env" of its entry in gateway.json ("${names[0]}": "\${${names[0]}}"), or to "secrets" of its entry in services.ts`;
  if (here["SERVER_COMMAND"] !== undefined)
    return `add ${list(names)} to SERVER_ENV, or to "secrets" of its entry in services.ts`;
  return `add ${names.map((name) => `--env ${name}`).join(" ")}`;
}
