/** What a person, a page or a program gets to see of a client's configuration. */
import type { Client, Edit, Entry, FileClient, Place, SnippetClient, Target, Value } from "./format.ts";
import { serialize } from "./serialize.ts";
import { shellLine } from "./shell.ts";
import { cannotLogIn, wayFor } from "./way.ts";

/** The configuration of one client. */
export interface Rendered {
  /** The user's file; undefined = there is none, or it is pasted into the client's settings. */
  readonly file?: string | undefined;
  readonly format: Client["kind"];
  /** The whole file if nothing else is in it, the steps by hand, or the program. */
  readonly text: string;
  /** The client's own commands that do the same: one a line. */
  readonly command?: string | undefined;
  readonly note?: string | undefined;
}

/** The configuration for these services together. @param services at least one */
export function render(client: Client, services: readonly Target[], place: Place): Rendered {
  const targets = services.map((target) => wayFor(client, target));
  const command = commandOf(client, targets, place);
  return {
    file: isFile(client) ? fileOf(client, place) : undefined,
    format: client.kind,
    text: isFile(client)
      ? serialize[client.kind](documentOf(targets.flatMap(client.edits)))
      : targets.map(client.text).join("\n\n"),
    ...(command !== undefined && { command }),
    note:
      unique(targets.flatMap((target) => [loginNote(client, target), client.note?.(target)])).join("\n") || undefined,
  };
}

/** Whether it is a program of one's own. */
export const isProgram = (client: Client): client is SnippetClient => !isFile(client) && client.kind !== "ui";

/** Whether it reads a file. */
export const isFile = (client: Client): client is FileClient => "edits" in client;

function fileOf({ files }: FileClient, place: Place): string | undefined {
  const { user, project } = files(place);
  return user ?? project;
}

/** None if the client's command cannot add every one of them. */
function commandOf({ command }: Client, targets: readonly Target[], { os }: Place): string | undefined {
  const lines = targets.map((target) => command?.(target));
  return lines.every((words) => words !== undefined)
    ? lines.map((words) => shellLine(words, os)).join("\n")
    : undefined;
}

/** A new file with these edits alone. Its maps have no prototype, so that any word can be a name. */
export function documentOf(edits: readonly Edit[]): Entry {
  const document = newMap();
  for (const edit of edits) {
    const map = edit.at.slice(0, -1).reduce(mapIn, document);
    const last = edit.at.at(-1)!;
    map[last] = "by" in edit ? [...((map[last] as readonly Value[] | undefined) ?? []), edit.value] : edit.value;
  }
  return document;
}

const newMap = () => Object.create(null) as Record<string, Value>;

const mapIn = (map: Record<string, Value>, key: string) => (map[key] ??= newMap()) as Record<string, Value>;

/** What happens next where callers log in. */
function loginNote(client: Client, target: Target): string | undefined {
  if (!target.hasLogin) return undefined;
  return client.login?.(target) ?? cannotLogIn(client, target);
}

const unique = (notes: readonly (string | undefined)[]): string[] => [
  ...new Set(notes.filter((note) => note !== undefined)),
];
