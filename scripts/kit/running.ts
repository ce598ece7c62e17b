/** Records which `npm start` runs in this folder, so that a second one can say so. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { commandLine } from "./processes.ts";

/** The `npm start` that has the folder. */
export interface Running {
  readonly pid: number;
  readonly hub: string;
}

/**
 * Takes the folder for this process, until `release` is called.
 * @throws Error when a living one has it
 */
export function claim(file: string, mine: Running): { release(): void } {
  const other = whoRuns(file);
  if (other) {
    const { pid, hub } = other;
    throw new Error(`it runs already: pid ${pid}, ${hub}. Stop it with Ctrl-C there, or: kill ${pid}`);
  }
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true, recursive: true });
  writeFileSync(file, JSON.stringify(mine), { flag: "wx" }); // of two that start at the same instant, one fails
  return { release: () => rmSync(file, { force: true }) };
}

/** Who runs; undefined when nobody does, or when the process that wrote the file is gone. */
export function whoRuns(file: string): Running | undefined {
  try {
    const running = JSON.parse(readFileSync(file, "utf8")) as Running;
    return isRunning(running) && isStart(running.pid) ? running : undefined;
  } catch {
    return undefined; // no file, or one that was cut short
  }
}

/** Pids that are not positive stand for groups of processes. */
const isRunning = ({ pid, hub }: Running) => Number.isInteger(pid) && pid > 0 && URL.canParse(hub);

function isStart(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  // Pids are reused, soonest in containers: where the system shows command lines, look at it.
  const words = commandLine(pid);
  return words === undefined || /(^|[\s/])start(\.ts)?(\s|$)/.test(words);
}
