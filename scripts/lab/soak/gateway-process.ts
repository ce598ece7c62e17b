/** A real gateway process in front of the servers of the tests: started, asked what it holds, ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Holdings } from "./probe.ts";
import { MARK, marked } from "./processes.ts";
import { cacheVariable, serverCommand } from "./server.ts";
import type { Setup } from "./setups.ts";

const root = join(import.meta.dirname, "../../..");
const START_TIMEOUT = 60_000;
/** Longer than the gateway's drain timeout. */
const STOP_TIMEOUT = 30_000;

/** How a gateway ended after SIGTERM. */
export interface Ending {
  readonly code: number | string;
  readonly ms: number;
  /** Processes that it started and left behind. */
  readonly left: readonly number[];
}

// Whatever ends the soak, ends them too, with what they have started. (If it is killed itself, probe.ts notices.)
const living = new Set<GatewayProcess>();
process.once("exit", () => living.forEach((gateway) => gateway.kill()));

export class GatewayProcess {
  readonly setup: Setup;
  /** Sessions at the moment, by its audit log. */
  sessions = 0;
  /** Log lines that no traffic may cause. */
  readonly complaints: string[] = [];
  port = 0;
  readonly #mark: string;
  readonly #child: ChildProcess;
  #words = "";

  private constructor(setup: Setup, folder: string) {
    this.setup = setup;
    this.#mark = `${process.pid}-${Date.now()}-${setup.name}`;
    const main = process.env["GATEWAY_MAIN"] ?? join(root, "gateways/main.ts");
    const variables = [`--env=${MARK}=${this.#mark}`, `--env=${cacheVariable(folder)}`];
    const flags = ["--stdio", serverCommand(setup), "--name", setup.name, ...variables];
    const probe = ["--expose-gc", "--import", join(import.meta.dirname, "probe.ts")];
    this.#child = spawn(process.execPath, [...probe, main, ...flags, "--port", "0", ...setup.flags], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      // Nothing of the developer's own settings: a token in the environment would close the gateway to us.
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
    });
    living.add(this);
    createInterface(this.#child.stderr!).on("line", (line) => this.#read(line));
  }

  /** @param folder for what Node makes of its servers @throws Error with its last words */
  static async start(setup: Setup, folder: string): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(setup, folder);
    for (const deadline = Date.now() + START_TIMEOUT; gateway.port === 0; await sleep(20)) {
      if (gateway.runs && Date.now() < deadline) continue;
      throw new Error(`the gateway "${setup.name}" does not start: ${gateway.#words}`);
    }
    return gateway;
  }

  /** Ends one of its servers behind its back. */
  killServer(pid: number, signal: NodeJS.Signals): void {
    // Never another process that has the number by now.
    if (this.processes?.includes(pid) ?? true) process.kill(pid, signal);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Processes that it, or what it started, has started; undefined where the kernel does not tell. */
  get processes(): readonly number[] | undefined {
    return marked(this.#mark);
  }

  /** @param snapshot the file that its heap snapshot is written to */
  async holdings(snapshot: string): Promise<Holdings> {
    if (!this.runs)
      throw new Error(`the gateway "${this.setup.name}" has ended by itself: ${this.#end}\n${this.#words}`);
    const told = once(this.#child, "message", { signal: AbortSignal.timeout(60_000) });
    this.#child.send({ snapshot });
    const [holdings] = (await told) as [Holdings];
    return holdings;
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill("SIGKILL");
    for (const pid of this.processes ?? []) killIfThere(pid);
  }

  /** Ends it as an operator does. */
  async stop(): Promise<Ending> {
    const began = Date.now();
    const patience = setTimeout(() => this.#child.kill("SIGKILL"), STOP_TIMEOUT);
    this.#child.kill("SIGTERM");
    while (this.runs) await sleep(10);
    clearTimeout(patience);
    living.delete(this);
    const ms = Date.now() - began;
    await sleep(200); // the kernel's own time to take away what was killed last
    return { code: this.#end, ms, left: this.processes ?? [] };
  }

  get #end(): number | string {
    return this.#child.exitCode ?? String(this.#child.signalCode);
  }

  #read(line: string): void {
    const entry = parse(line);
    if (entry?.level !== "info") this.#words = `${this.#words}${line}\n`.slice(-2_000);
    if (entry?.msg === "listening") this.port = entry.port ?? 0;
    if (entry?.audit === "session-opened") this.sessions++;
    if (entry?.audit === "session-closed") this.sessions--;
    // What is no log line is a warning of Node's, such as one about too many listeners.
    if (entry === undefined || entry.level === "error" || entry.level === "fatal") this.complaints.push(line);
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has just ended by itself
  }
}

interface LogLine {
  readonly level?: string;
  readonly msg?: string;
  readonly port?: number;
  readonly audit?: string;
}

function parse(line: string): LogLine | undefined {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
}
