/** A stdio MCP server as a child process: started in a process group of its own, ended group-wide. Knows nothing of MCP. */
import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { GatewayError } from "../errors.ts";
import type { Logger } from "../log.ts";
import { LineReader } from "./framing.ts";
import type { Link, LinkEvents } from "./link.ts";

/** How to start a stdio server. */
export interface Command {
  readonly service: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the whitelisted part of the gateway's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  /** Bytes of the longest line that is read. */
  readonly maxLine: number;
}

/** What a child inherits of the gateway's environment: nothing that could hold a secret of another service. */
const INHERITED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TERM|TMPDIR|TEMP|TMP|HTTPS?_PROXY|NO_PROXY|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|SystemRoot|ComSpec|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE|PROGRAMFILES)$/i;

/** How long a group has between SIGTERM and SIGKILL, in milliseconds. */
const GRACE = 3_000;

/** Bytes that may wait for a child that does not read its input. */
const MAX_UNREAD = 64 * 1024 * 1024;

const LAST_STDERR = 4_096;

/** Groups that live. Whatever way the gateway's process ends, it takes them along. */
const living = new Set<number>();
process.on("exit", () => living.forEach((pid) => signalGroup(pid, "SIGKILL")));

/** Starts a server and connects to its pipes. A command that cannot be started is told through `events.closed`. */
export function openChild(command: Command, log: Logger, events: LinkEvents): Link {
  const child = spawn(command.command, command.args, {
    env: { ...inheritedEnvironment(), ...command.env },
    cwd: command.cwd,
    detached: process.platform !== "win32", // a process group of its own: npx, shells and their children end together
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
  });
  return new ChildLink(child, command, log, events);
}

class ChildLink implements Link {
  readonly label: string;
  readonly #child: ChildProcess;
  readonly #command: Command;
  readonly #events: LinkEvents;
  #closing: Promise<void> | undefined;
  #over = false;
  #lastStderr = "";
  /** Messages that wait for the end of this turn. */
  #outbox = "";

  constructor(child: ChildProcess, command: Command, log: Logger, events: LinkEvents) {
    this.#child = child;
    this.#command = command;
    this.#events = events;
    this.label = `${command.service}[${child.pid ?? "not started"}]`;
    this.#readLines(log);
    this.#readStderr(log);
    if (child.pid !== undefined) living.add(child.pid);
    child.stdin?.on("error", () => {}); // EPIPE: the exit that follows says what happened
    child.on("error", (error: NodeJS.ErrnoException) => this.#ended(startFailure(command, error)));
    child.on("exit", (code, signal) => void this.#exited(code, signal));
  }

  get lastStderr(): string {
    return this.#lastStderr.trim();
  }

  send(message: string): void {
    const { stdin } = this.#child;
    if (stdin === null || this.#over) return; // its callers are told by `closed`
    if (stdin.writableLength + this.#outbox.length > MAX_UNREAD) {
      throw new GatewayError("child-not-reading", { service: this.#command.service });
    }
    if (this.#outbox === "") setImmediate(() => this.#flush());
    this.#outbox += `${message}\n`;
  }

  close(): Promise<void> {
    this.#flush();
    this.#over = true;
    this.#closing ??= this.#endGroup();
    return this.#closing;
  }

  /** A write is a system call: what came in one turn of the event loop goes out in one. */
  #flush(): void {
    if (this.#outbox === "") return;
    this.#child.stdin?.write(this.#outbox, "latin1");
    this.#outbox = "";
  }

  #readLines(log: Logger): void {
    const reader = new LineReader(
      this.#command.maxLine,
      (line) => {
        if (this.#over) return;
        if (line.charCodeAt(0) === 0x7b) this.#events.message(line);
        else if (line.trim() !== "")
          log.debug({ child: this.label, bytes: line.length }, "not a message on standard output");
      },
      () => this.#ended(`wrote a line over ${this.#command.maxLine} bytes`),
    );
    this.#child.stdout?.on("data", (chunk: Buffer) => reader.push(chunk));
  }

  #readStderr(log: Logger): void {
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      const text = withoutSecrets(chunk.toString("utf8"), this.#command.env);
      // Once more, because a secret may have come in two chunks.
      this.#lastStderr = withoutSecrets(this.#lastStderr + text, this.#command.env).slice(-LAST_STDERR);
      log.debug({ child: this.label, stderr: text.trimEnd() }, "standard error");
    });
  }

  /** Lets what is still in the pipes be read, then tells. A grandchild may hold the pipes open, so it waits only a little. */
  async #exited(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    const drained = new Promise<void>((resolve) => this.#child.once("close", () => resolve()));
    await Promise.race([drained, sleep(200)]);
    this.#ended(signal === null ? `exit code ${code}` : `killed by ${signal}`);
  }

  #ended(reason: string): void {
    if (this.#over) return;
    void this.close();
    this.#events.closed({ reason, lastStderr: this.lastStderr });
  }

  /** Ends the whole group: end of input and SIGTERM first, SIGKILL for what is left. */
  async #endGroup(): Promise<void> {
    const { pid, stdin } = this.#child;
    if (pid === undefined) return;
    stdin?.end();
    signalGroup(pid, "SIGTERM");
    for (let waited = 0, pause = 5; waited < GRACE; waited += pause, pause = Math.min(pause * 2, 100)) {
      if (!groupLives(pid)) return void living.delete(pid);
      await sleep(pause);
    }
    signalGroup(pid, "SIGKILL");
    for (let tries = 0; tries < 50 && groupLives(pid); tries++) await sleep(20);
    living.delete(pid);
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }
}

/** Servers like to print their settings when they fail: what looks like a secret by its name stays out of the log. */
function withoutSecrets(text: string, env: Command["env"]): string {
  const secrets = Object.entries(env).filter(([name, value]) => SECRET.test(name) && value.length > 3);
  return secrets.reduce((clean, [name, value]) => clean.replaceAll(value, `[${name}]`), text);
}

const SECRET = /TOKEN|KEY|SECRET|PASSWORD|PASS|AUTH|CREDENTIAL|DATABASE_UR[IL]/i;

function inheritedEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter((entry): entry is [string, string] => INHERITED.test(entry[0]));
  return Object.fromEntries(entries);
}

function startFailure(command: Command, error: NodeJS.ErrnoException): string {
  return error.code === "ENOENT"
    ? `command not found: ${command.command}`
    : `cannot be started (${error.code ?? error.message})`;
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
    return true;
  } catch {
    return false; // ESRCH: gone already
  }
}

const groupLives = (pid: number) => signalGroup(pid, 0);
