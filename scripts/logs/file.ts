/** The lines of a log file. */
import { createReadStream, readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { shown } from "../kit/folder.ts";
import { fieldsIn, type Wanted } from "./wanted.ts";

/** Milliseconds between two looks at a file that is followed. */
const PAUSE = 200;

/** Shows the lines. @throws Error when there is no log yet */
export async function linesOfFile(file: string, wanted: Wanted, show: (line: string) => void): Promise<void> {
  const text = read(file);
  const lines = text.split("\n").filter((line) => line !== "" && takes(line, wanted));
  for (const line of wanted.last === 0 ? [] : lines.slice(-wanted.last)) show(line);
  if (wanted.follow) await follow(file, Buffer.byteLength(text), (line) => takes(line, wanted) && show(line));
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const message = `there is no log at ${shown(file)} yet: npx gangway start writes it (--env local-docker: the log of a deployment)`;
    throw new Error(message, { cause });
  }
}

/** A line that is not JSON is of no service and of no time. */
function takes(line: string, { services, since, matches }: Wanted): boolean {
  if (!matches(line)) return false;
  if (services.length === 0 && since === undefined) return true;
  const { service, time } = fieldsIn(line) ?? {};
  const isOf = services.length === 0 || services.includes(String(service));
  return isOf && (since === undefined || new Date(String(time)) >= since.time);
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
