/** The lines of a log file. */
import { createReadStream, readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { shown } from "../kit/folder.ts";

/** Which lines. */
export interface Wanted {
  /** Of these services; none = of all. */
  readonly services: readonly string[];
  /** How many of the last ones to begin with. */
  readonly last: number;
  /** Whether to go on as lines are written. */
  readonly follow: boolean;
}

/** Milliseconds between two looks at a file that is followed. */
const PAUSE = 200;

/** Shows the lines. @throws Error when there is no log yet */
export async function linesOfFile(file: string, wanted: Wanted, show: (line: string) => void): Promise<void> {
  const text = read(file);
  const lines = text.split("\n").filter((line) => line !== "" && isOf(line, wanted.services));
  for (const line of wanted.last === 0 ? [] : lines.slice(-wanted.last)) show(line);
  if (wanted.follow) await follow(file, Buffer.byteLength(text), (line) => isOf(line, wanted.services) && show(line));
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const message = `there is no log at ${shown(file)} yet: npx gangway start writes it (--docker: the log of a deployment)`;
    throw new Error(message, { cause });
  }
}

/** Whether a line is of one of the services. */
export function isOf(line: string, services: readonly string[]): boolean {
  if (services.length === 0) return true;
  try {
    return services.includes((JSON.parse(line) as { readonly service?: string }).service ?? "");
  } catch {
    return false;
  }
}

/** A file that got shorter is a new one: the next start begins with an empty log. */
async function follow(file: string, from: number, take: (line: string) => void): Promise<never> {
  let [at, rest] = [from, ""];
  for (;;) {
    await sleep(PAUSE);
    const { size = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
    if (size < at) [at, rest] = [0, ""];
    if (size === at) continue;
    for await (const chunk of createReadStream(file, { start: at, end: size - 1, encoding: "utf8" }))
      rest += chunk as string;
    at = size;
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") take(line);
  }
}
