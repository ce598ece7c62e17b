/** What may stand at a place of the command line. */
import type { Flags } from "../kit/arguments.ts";
import { print } from "../kit/print.ts";
import { stackNames } from "../kit/stack-names.ts";
import type { Verb } from "../kit/verb.ts";
import { shells } from "./scripts.ts";
import { verbNames, verbs } from "../verbs.ts";

/** Prints the candidates for the last of the words, a line each. A shell shows no error. */
export async function complete(words: readonly string[]): Promise<void> {
  const found = await candidates(words).catch(() => []);
  if (found.length > 0) print(found.join("\n"));
}

/** The candidates for the last of the words after `gangway`. */
export async function candidates(words: readonly string[]): Promise<readonly string[]> {
  const [name = "", ...rest] = words;
  const word = rest.at(-1) ?? name;
  const all = rest.length === 0 ? await first(word) : await within(name, rest);
  return all.filter((one) => one.startsWith(word));
}

async function first(word: string): Promise<readonly string[]> {
  return word.startsWith("-") ? ["--help", "--version", "--stdio", "--url", "--config", "--port", "--"] : verbNames;
}

async function within(name: string, words: readonly string[]): Promise<readonly string[]> {
  const word = words.at(-1) ?? "";
  if (name === "help") return [...verbNames, "gateway"];
  if (name === "completion") return Object.keys(shells);
  const verb = Object.hasOwn(verbs, name) ? await verbs[name]!.load() : undefined;
  if (verb === undefined) return [];
  return word.startsWith("-") ? flagsOf(verb) : namesFor(verb, words);
}

const flagsOf = ({ flags = {} }: Verb<Flags>) => [...Object.keys(flags), "help"].map((flag) => `--${flag}`);

async function namesFor({ completes }: Verb<Flags>, words: readonly string[]): Promise<readonly string[]> {
  if (typeof completes === "object") return words.length === 1 ? completes : [];
  switch (completes) {
    case "stacks":
      return stackNames;
    case "services":
      return Object.keys(await (await import("../../stacks/catalog/read.ts")).readCatalog());
    default:
      return [];
  }
}
