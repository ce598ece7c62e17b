/** What a client's file says after its services are put into it, or taken out again. */
import { type Edit, type Entry, type FileClient, PLACEHOLDER, type Target } from "../../../templates/clients/format.ts";
import { readEntry, removeEntry, setEntry } from "../edit/entry.ts";
import type { Path, Syntax } from "../edit/syntax.ts";

/** A client, and the services that are to be in its file. */
export interface Wanted {
  readonly client: FileClient;
  readonly targets: readonly Target[];
}

/** With all services. @throws Unreadable */
export async function withServices(text: string, { client, targets }: Wanted): Promise<string> {
  const syntax = await syntaxOf(client);
  const edits = targets.flatMap((target) => client.edits(target));
  return edits.reduce((rest, edit) => setEntry(syntax, rest, pathOf(edit), edit.value), text);
}

/** Those of the services that are in the text. @throws Unreadable */
export async function presentIn(text: string, { client, targets }: Wanted): Promise<readonly Target[]> {
  const syntax = await syntaxOf(client);
  return targets.filter((target) => readEntry(syntax, text, pathOf(client.edits(target)[0])) !== undefined);
}

/**
 * Without any of them.
 * @param earlier texts that it may have come from, such as that before the last change: what is left is the first one of them
 *   that becomes this text when the services are put into it, so that nothing else is left of them
 * @throws Unreadable
 */
export async function withoutServices(text: string, wanted: Wanted, earlier: readonly string[]): Promise<string> {
  const syntax = await syntaxOf(wanted.client);
  const paths = wanted.targets.flatMap((target) => wanted.client.edits(asking(target)).map(pathOf));
  const without = (whole: string) => paths.reduce((rest, path) => removeEntry(syntax, rest, path), whole);
  const rest = without(text);
  if (rest === text) return rest;
  const cameFrom = (before: string) => {
    try {
      const again = paths.reduce((whole, path) => withEntryOf(text, syntax, whole, path), before);
      return without(before) === before && again === text;
    } catch {
      return false; // an old text that cannot be read is none to go back to
    }
  };
  return earlier.find(cameFrom) ?? rest;
}

/** With what another text has there. */
function withEntryOf(other: string, syntax: Syntax, text: string, path: Path): string {
  const entry = readEntry(syntax, other, path);
  return entry === undefined ? text : setEntry(syntax, text, path, entry as Entry);
}

/** One that asks for a token has all the edits that there can be. */
const asking = (target: Target): Target => ({ ...target, token: target.token ?? { variable: PLACEHOLDER } });

const pathOf = (edit: Edit): Path => ("by" in edit ? [...edit.at, { by: edit.by, is: edit.is }] : edit.at);

/** Each loads its library when it is needed. */
async function syntaxOf({ kind }: FileClient): Promise<Syntax> {
  if (kind === "toml") return (await import("../edit/toml.ts")).toml;
  if (kind === "yaml") return (await import("../edit/yaml.ts")).yaml;
  return (await import("../edit/json.ts")).json;
}
