/** A gateway as a child process: started, watched, ended. Also runs what the benchmark compares it with. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fchmodSync, fstatSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { project } from "../../stacks/project.ts";
import { program } from "../../stacks/shipped.ts";
import { kill } from "./processes.ts";
import { waitUntil } from "./wait.ts";

/** A file for what it writes. */
export interface LogFile {
  readonly file: string;
  /** Whether to keep what the file has already. @default false */
  readonly append?: boolean;
  /** Whether its standard output belongs there too, and not only its standard error. @default false */
  readonly withStdout?: boolean;
}

/** How it is started. */
export interface GatewayOptions {
  /** Node's own flags. @default none */
  readonly nodeFlags?: readonly string[];
  /** @default - PATH and HOME alone: a token in the environment would lock the caller out */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where its log goes. @default - its last lines are kept in memory */
  readonly log?: LogFile;
  /** Is called with each line of its standard error, where there is no log file. */
  readonly onLine?: (line: string) => void;
  /** Is called with each line of its standard output. */
  readonly onOutput?: (line: string) => void;
  /** Whether it can be sent messages. @default false */
  readonly ipc?: boolean;
  /**
   * Whether it has a process group of its own, so that Ctrl-C in the terminal reaches us alone and `kill` reaches
   * everything that it has started in its group. @default false
   */
  readonly ownGroup?: boolean;
  /**
   * Whether its variables are kept out of its environment, which every process of the same user can read, and come to it through
   * a pipe. What Node and the system need is in both. @default false
   */
  readonly variablesByPipe?: boolean;
}

/** Variables that are no secrets, and that are needed before a program of ours reads its own. */
const OPEN =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TERM|TMPDIR|TEMP|TMP|NO_PROXY|SSL_CERT_(FILE|DIR)|OPENSSL_CONF|LD_LIBRARY_PATH|NODE_(OPTIONS|PATH|ENV|EXTRA_CA_CERTS|COMPILE_CACHE|TLS_REJECT_UNAUTHORIZED)|SystemRoot|ComSpec|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE|PROGRAMFILES)$/i;

/** The flag by which SIGUSR1, which any process of the same user can send, opens no debugger. Node 20 has none. */
const NO_DEBUGGER = process.allowedNodeEnvironmentFlags.has("--disable-sigusr1") ? ["--disable-sigusr1"] : [];

const open = (env: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => OPEN.test(name)));

/** Opens the file so that only this user can read it, also where an older one was open to others. */
function openPrivate({ file, append }: LogFile): number {
  const opened = openSync(file, append ? "a" : "w", 0o600);
  fchmodSync(opened, 0o600);
  return opened;
}

/** How a process ended: its exit code, or the signal that it died of. */
export type End = number | string;

// Whatever ends us ends them too.
const living = new Set<GatewayProcess>();
process.once("exit", () => living.forEach((gateway) => gateway.kill()));

/** The gateway's script: that of the checkout, or another build of it that GATEWAY_MAIN names. */
export const gatewayMain = (): string => process.env["GATEWAY_MAIN"] ?? program("gateways/main");

/** A gateway that has been started. */
export class GatewayProcess {
  readonly child: ChildProcess;
  /** Resolves once it has ended, or could not even be started. */
  readonly ended: Promise<End>;
  readonly #options: GatewayOptions;
  /** Where what it writes begins in its log file. */
  readonly #begin: number;
  #lastText = "";

  /** @param command a script and its arguments, run on our own Node */
  constructor(command: readonly string[], options: GatewayOptions = {}) {
    const {
      nodeFlags = [],
      env = { PATH: process.env["PATH"], HOME: process.env["HOME"] },
      log,
      onOutput,
      ipc,
      ownGroup,
      variablesByPipe = false,
    } = options;
    this.#options = options;
    const output = log && openPrivate(log);
    this.#begin = output === undefined ? 0 : fstatSync(output).size;
    const taking = variablesByPipe ? ["--import", pathToFileURL(program("scripts/start/given-variables")).href] : [];
    this.child = spawn(process.execPath, [...NO_DEBUGGER, ...nodeFlags, ...taking, ...command], {
      cwd: project,
      env: variablesByPipe ? open(env) : env,
      stdio: [
        variablesByPipe ? "pipe" : "ignore",
        log?.withStdout ? output! : onOutput ? "pipe" : "ignore",
        output ?? "pipe",
        ...(ipc ? (["ipc"] as const) : []),
      ],
      detached: ownGroup === true && process.platform !== "win32",
      windowsHide: true,
    });
    if (output !== undefined) closeSync(output);
    this.child.stdin?.on("error", () => {}); // it has not started, which its end tells
    this.child.stdin?.end(JSON.stringify(env));
    if (this.child.stderr) createInterface(this.child.stderr).on("line", (line) => this.#read(line));
    if (this.child.stdout && onOutput) createInterface(this.child.stdout).on("line", onOutput);
    living.add(this);
    this.ended = new Promise<End>((resolve) => {
      this.child.once("exit", (code, signal) => resolve(code ?? String(signal)));
      this.child.once("error", (error) => resolve(error.message));
    });
    void this.ended.then(() => living.delete(this));
  }

  /** @throws Error when it could not be started */
  get pid(): number {
    if (this.child.pid === undefined) throw new Error("the gateway could not be started");
    return this.child.pid;
  }

  get runs(): boolean {
    return this.child.pid !== undefined && this.end === undefined;
  }

  /** How it ended; undefined while it runs. */
  get end(): End | undefined {
    return this.child.exitCode ?? this.child.signalCode ?? undefined;
  }

  /** What it wrote last. */
  get lastLines(): string[] {
    const { log } = this.#options;
    const text = log ? readFileSync(log.file).subarray(this.#begin).toString() : this.#lastText;
    return text.trimEnd().split("\n");
  }

  /** Waits until it answers. @returns false when it has ended, or the time is up */
  async whenReady(isReady: () => boolean | Promise<boolean>, ms: number): Promise<boolean> {
    let ready = false;
    await waitUntil(async () => (ready = this.runs && (await isReady())) || !this.runs, ms);
    return ready;
  }

  /** Ends it as an operator does, and kills it when it has not ended `ms` later. */
  async stop(ms: number): Promise<End> {
    this.terminate();
    const killing = setTimeout(() => this.kill(), ms);
    const end = await this.ended;
    clearTimeout(killing);
    return end;
  }

  /** Asks it to end. */
  terminate(): void {
    this.child.kill("SIGTERM");
  }

  /** Ends it at once. */
  kill(): void {
    if (this.#options.ownGroup && this.child.pid !== undefined) kill(-this.child.pid);
    this.child.kill("SIGKILL");
  }

  #read(line: string): void {
    this.#lastText = `${this.#lastText}${line}\n`.slice(-4_000);
    this.#options.onLine?.(line);
  }
}
