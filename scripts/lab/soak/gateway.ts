/** A real gateway in front of a server of the gateway's own tests: started, asked what it holds, ended. */
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type End, gatewayMain, GatewayProcess } from "../../kit/gateway-process.ts";
import { hasProc, kill, withVariable } from "../../kit/processes.ts";
import type { Holdings } from "./probe.ts";
import { cacheVariable, serverCommand } from "./server.ts";
import type { Setup } from "./setups.ts";

/** The variable that marks everything that a gateway starts. What a server starts inherits it. */
const MARK = "SOAK_RUN";
const START_TIMEOUT = 60_000;
/** Longer than the gateway's drain timeout. */
const STOP_TIMEOUT = 30_000;

/** How a gateway ended after SIGTERM. */
export interface Ending {
  readonly code: End;
  readonly ms: number;
  /** Processes that it started and left behind. */
  readonly left: readonly number[];
}

// Whatever ends the soak ends the servers, too, before its folder is deleted. (If it is killed itself, probe.ts notices.)
const started: SoakedGateway[] = [];
process.once("exit", () => started.flatMap(({ processes = [] }) => processes).forEach((pid) => kill(pid)));

export class SoakedGateway {
  readonly setup: Setup;
  /** Sessions at the moment, by its audit log. */
  sessions = 0;
  /** Log lines that no traffic may cause. */
  readonly complaints: string[] = [];
  readonly #mark: string;
  readonly #process: GatewayProcess;
  #port = 0;
  #lastWarnings = "";

  private constructor(setup: Setup, folder: string) {
    this.setup = setup;
    this.#mark = `${process.pid}-${Date.now()}-${setup.name}`;
    const variables = [`--env=${MARK}=${this.#mark}`, `--env=${cacheVariable(folder)}`];
    const common = ["--sandbox", "false", "--port", "0"]; // each of its servers is one process, which is counted
    const flags = ["--stdio", serverCommand(setup), "--name", setup.name, ...variables, ...common, ...setup.flags];
    const nodeFlags = ["--expose-gc", "--import", join(import.meta.dirname, "probe.ts")];
    const onLine = (line: string) => this.#read(line);
    this.#process = new GatewayProcess([gatewayMain(), ...flags], { nodeFlags, ipc: true, onLine });
    started.push(this);
  }

  /** @param folder for Node's compile cache of the servers @throws Error with what it logged last */
  static async start(setup: Setup, folder: string): Promise<SoakedGateway> {
    const gateway = new SoakedGateway(setup, folder);
    if (await gateway.#process.whenReady(() => gateway.#port !== 0, START_TIMEOUT)) return gateway;
    throw new Error(`the gateway "${setup.name}" does not start: ${gateway.#lastWarnings}`);
  }

  /** Its address. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get runs(): boolean {
    return this.#process.runs;
  }

  /** Processes that it, or what it started, has started; undefined without /proc. */
  get processes(): readonly number[] | undefined {
    return hasProc ? withVariable(MARK, this.#mark) : undefined;
  }

  /** Ends one of its servers behind its back. */
  killServer(pid: number, signal: NodeJS.Signals): void {
    // Never another process that has the number by now.
    if (this.processes?.includes(pid) ?? true) process.kill(pid, signal);
  }

  /** @param snapshot the file that its heap snapshot is written to */
  async holdings(snapshot: string): Promise<Holdings> {
    const { child, end } = this.#process;
    if (!this.runs) throw new Error(`the gateway "${this.setup.name}" ended by itself: ${end}\n${this.#lastWarnings}`);
    const told = once(child, "message", { signal: AbortSignal.timeout(60_000) });
    child.send({ snapshot });
    const [holdings] = (await told) as [Holdings];
    return holdings;
  }

  /** Ends it as an operator does. */
  async stop(): Promise<Ending> {
    const began = Date.now();
    const code = await this.#process.stop(STOP_TIMEOUT);
    const ms = Date.now() - began;
    await sleep(200); // the kernel needs a moment to remove what was killed last
    return { code, ms, left: this.processes ?? [] };
  }

  #read(line: string): void {
    const entry = parse(line);
    if (entry?.level !== "info") this.#lastWarnings = `${this.#lastWarnings}${line}\n`.slice(-2_000);
    if (entry?.msg === "listening") this.#port = entry.port ?? 0;
    if (entry?.audit === "session-opened") this.sessions++;
    if (entry?.audit === "session-closed") this.sessions--;
    // A line that is not a log entry is a warning of Node's, such as one about too many listeners.
    if (entry === undefined || entry.level === "error" || entry.level === "fatal") this.complaints.push(line);
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
