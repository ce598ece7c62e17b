/** Says who runs in this folder, so that a second start does not trip over the first. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** The `npm start` that holds the folder. */
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
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify(mine), { flag: "wx" }); // of two at the same instant, one fails
  return { release: () => rmSync(file, { force: true }) };
}

/** Who runs; undefined when nobody does, or the one who wrote the file is gone. */
export function whoRuns(file: string): Running | undefined {
  try {
    const running = JSON.parse(readFileSync(file, "utf8")) as Running;
    return isStart(running.pid) ? running : undefined;
  } catch {
    return undefined; // no file, or one that was cut short
  }
}

function isStart(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return commandLine(pid)?.includes("start.ts") ?? true;
}

/** Pids come again, soonest in containers: where the system shows command lines, look at it. */
function commandLine(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return undefined;
  }
}
