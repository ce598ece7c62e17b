/** A stdio server in a sandbox: for whoever starts it, a child like any other. */
import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import type { Readable } from "node:stream";
import { readFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { ChildOfOurs, type Program } from "../local-process.ts";
import { groupLives, killAtOnce, signalGroup } from "../process-groups.ts";
import { type ProcessGroup, type ServerProcess, signalNamed } from "../server-process.ts";
import { findCommand } from "./find-command.ts";
import { ISOLATED, type Bubblewrap } from "./find-sandbox.ts";
import { mountsFor, type Viewer } from "./view.ts";

/** A program that is to run in a sandbox. */
export interface Confined extends Program, Pick<Viewer, "named" | "hidden" | "isFetched"> {
  /** Whether it has a network. */
  readonly hasNetwork: boolean;
}

/** The number of the pipe on which bubblewrap says what becomes of it. */
const STATUS = 3;

/** The code of an error of the sandbox's own; the rest of it says what is wrong. */
export const SANDBOX_FAILED = "ESANDBOX";

/**
 * Starts it.
 * @throws an error with the code that Node would give it, when the command cannot be started
 */
export function startInSandbox({ program }: Bubblewrap, confined: Confined): ServerProcess {
  const { command, args, env, hasNetwork } = confined;
  const cwd = confined.cwd ?? process.cwd();
  const file = findCommand(command, { cwd, path: env["PATH"] ?? process.env["PATH"] });
  if (typeof file !== "string") throw Object.assign(new Error(`${file.code}: ${command}`), file);
  const homes = [...new Set([env["HOME"] || homedir(), homedir(), userInfo().homedir])];
  const mounts = mountsFor({ ...confined, cwd, homes, needed: [file, ...inherited(env)] });
  const network = hasNetwork ? [] : ["--unshare-net"];
  const own = [...ISOLATED, ...network, ...mounts, "--chdir", cwd, "--json-status-fd", String(STATUS)];
  return new SandboxedProcess(
    spawn(program, [...own, "--", command, ...args], {
      env,
      cwd,
      detached: true,
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    }),
  );
}

/** The values of all variables, but for those that name a folder of temporary files: it has its own. */
const inherited = (env: Program["env"]) =>
  Object.entries(env).flatMap(([name, value]) => (/^(TMPDIR|TEMP|TMP)$/.test(name) ? [] : value));

class SandboxedProcess extends ChildOfOurs {
  readonly #events: EventEmitter;
  #status = "";
  /** What came first on standard error. */
  #firstWords = "";
  hasExited = false;

  constructor(child: ChildProcess, events = new EventEmitter()) {
    super(child, events);
    this.#events = events;
    const status = child.stdio[STATUS] as Readable | null;
    status?.setEncoding("utf8").on("data", (text: string) => (this.#status += text));
    child.stderr?.on("data", (chunk: Buffer | string) => {
      if (this.#firstWords.length < MOST_WORDS) this.#firstWords += chunk.toString();
    });
    child.on("error", (error) => events.emit("error", error));
    child.once("exit", (code, signal) => {
      const told = this.#exited(code, signal);
      child.once("close", () => void told.then(() => events.emit("close")));
    });
  }

  protected group(pid: number): ProcessGroup {
    return { signal: (signal) => this.#signal(pid, signal), lives: () => this.#lives(pid) };
  }

  /** The server and what it has started are a group of their own: bubblewrap dies of a signal, and they would with it. */
  get #inner(): number | undefined {
    const [, pid] = /"child-pid": (\d+)/.exec(this.#status) ?? [];
    return pid === undefined ? undefined : Number(pid);
  }

  #signal(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
    if (signal === "SIGTERM" && this.#inner !== undefined && signalGroup(this.#inner, signal)) return;
    killAtOnce(pid); // what is in the sandbox ends with it
  }

  /** The first process in the sandbox ends last. Once it has, somebody may still have to take note of that. */
  #lives = (pid: number): boolean => groupLives(pid) || (this.#inner !== undefined && runs(this.#inner));

  /** bubblewrap says how a program has ended, if it has begun. */
  async #exited(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    // What it has written may arrive after its exit is known.
    const said = [this.child.stdio[STATUS], this.child.stderr].filter((stream) => stream && !stream.closed);
    await until(said as Readable[], () => this.#status.includes('"exit-code"'));
    this.hasExited = true;
    if (signal === null && !this.#status.includes('"exit-code"'))
      return void this.#events.emit("error", this.#failure());
    const inner = signal === null && code !== null && code > OF_SIGNAL ? signalNamed(code - OF_SIGNAL) : undefined;
    this.#events.emit("exit", inner === undefined ? code : null, inner ?? signal);
  }

  #failure(): NodeJS.ErrnoException {
    const [, problem = ""] = /^bwrap: (.*)$/m.exec(this.#firstWords) ?? [];
    const [, words] = /^execvp .*: (.*)$/.exec(problem) ?? [];
    const code = words === undefined ? undefined : CODES.get(words);
    return Object.assign(new Error(problem), { code: code ?? `${SANDBOX_FAILED}: ${problem}` });
  }
}

/** Characters of standard error in which bubblewrap's own words are looked for: it writes them piece by piece. */
const MOST_WORDS = 1_024;

/** Milliseconds to wait for the rest of its output. */
const REST_OF_OUTPUT = 200;

/** A program that was ended by a signal has this exit code and the signal's number, as in a shell. */
const OF_SIGNAL = 128;

const CODES: ReadonlyMap<string, string> = new Map([
  ["No such file or directory", "ENOENT"],
  ["Permission denied", "EACCES"],
  ["Exec format error", "ENOEXEC"],
  ["Argument list too long", "E2BIG"],
]);

/** Waits for the ends of streams, but no longer than they need, nor when what they were to say has been said. */
async function until(streams: readonly Readable[], isSaid: () => boolean): Promise<void> {
  if (isSaid() || streams.length === 0) return;
  const closed = Promise.all(streams.map((stream) => once(stream, "close")));
  await Promise.race([closed, sleep(REST_OF_OUTPUT, undefined, { ref: false })]);
}

/** Whether a process has not ended: then there is no such process, or one of which nobody has taken note. */
function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
