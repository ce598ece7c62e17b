/**
 * Ends the gateway with the process that started it. npm (npx, npm run) starts a program through a shell, and a signal that ends
 * npm or that shell never reaches the program: it would live on and keep its port.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process as its children see it. */
export interface Ancestor {
  readonly pid: number;
  readonly parent: number;
  /** Its command line. npm overwrites its own with a title such as `npm exec gangway`. */
  readonly command: string;
}

/** Milliseconds between two looks. */
const INTERVAL = 1_000;

/**
 * Calls back once when what started this process has ended. Does not keep the process alive.
 * @param wanted true: our parent, whatever it is; false: never; undefined: npm or one like it, when that is what started us
 */
export function whenParentEnds(wanted: boolean | undefined, call: () => void): void {
  const line = wanted === undefined ? packageRunners(ancestors(2)) : wanted ? [process.ppid] : [];
  if (line.length === 0) return;
  const timer = setInterval(() => {
    if (isIntact(line)) return;
    clearInterval(timer);
    call();
  }, INTERVAL);
  timer.unref();
}

const RUNNER =
  /^(?:\S*\/)?(?:npm|npx|pnpm|pnpx|yarn|bun|bunx)(?:\.\w+)?(?= |$)|(?:npm|npx)-cli\.js|\/(?:pnpm|yarn)\.c?js/;
const SHELL = /^(?:\S*\/)?(?:sh|bash|dash|zsh|ash|ksh|busybox sh) -\w*c\b/;

/**
 * The processes whose end is to be ours, the nearest first: npm, or a shell that runs one command for npm, and npm. None for
 * everything else: what a person, systemd, Docker, pm2, nohup or setsid starts may outlive its parent.
 */
export function packageRunners([parent, grandparent]: readonly Ancestor[]): number[] {
  if (parent === undefined) return [];
  if (RUNNER.test(parent.command)) return [parent.pid];
  const isThroughShell = grandparent !== undefined && SHELL.test(parent.command) && RUNNER.test(grandparent.command);
  return isThroughShell ? [parent.pid, grandparent.pid] : [];
}

/** Whether each still is the parent of the one before it. A process whose parent ends gets another one. */
function isIntact([parent, grandparent]: readonly number[]): boolean {
  if (process.ppid !== parent) return false;
  return grandparent === undefined || parentOf(parent) === grandparent;
}

function ancestors(count: number): Ancestor[] {
  const found: Ancestor[] = [];
  for (let pid = process.ppid; found.length < count && pid > 0; pid = found.at(-1)!.parent) {
    const ancestor = lookAt(pid);
    if (ancestor === undefined) break;
    found.push(ancestor);
  }
  return found;
}

const parentOf = (pid: number) => (process.platform === "linux" ? fromProc(pid)?.parent : lookAt(pid)?.parent);

function lookAt(pid: number): Ancestor | undefined {
  if (process.platform === "win32") return undefined; // there npm ends what it has started
  return process.platform === "linux" ? fromProc(pid) : fromPs(pid);
}

/** @returns undefined when it has ended */
function fromProc(pid: number): Ancestor | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name before them, in parentheses, may contain spaces and parentheses.
    const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const command = readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim();
    return { pid, parent: Number(parent), command };
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): Ancestor | undefined {
  try {
    const row = execFileSync("ps", ["-o", "ppid=,command=", "-p", String(pid)], { encoding: "utf8" });
    const [, parent, command = ""] = /^\s*(\d+)\s+(.*)/.exec(row) ?? [];
    return parent === undefined ? undefined : { pid, parent: Number(parent), command };
  } catch {
    return undefined;
  }
}
