/** A connection to a stdio MCP server: its pipes, and how its process fares. */
import { setTimeout as sleep } from "node:timers/promises";
import { GatewayError } from "../errors.ts";
import { logOutput, type Logger } from "../log.ts";
import type { Held, Share } from "../memory-budget.ts";
import { told } from "../secrets.ts";
import { startFault, type StartFault } from "./diagnosis/commands.ts";
import { diagnose } from "./diagnosis/diagnose.ts";
import { faultOfLine } from "./diagnosis/output.ts";
import type { Clues } from "./diagnosis/clues.ts";
import type { Link, LinkClosed, LinkEvents } from "./link.ts";
import { startLocally } from "./local-process.ts";
import { packageRunner } from "./package-runner.ts";
import type { Bubblewrap } from "./sandbox/find-sandbox.ts";
import { openPatiently, TRIES } from "./sandbox/patient-link.ts";
import { SANDBOX_FAILED, startInSandbox } from "./sandbox/sandboxed-process.ts";
import { holdIfFree, holdWhenFree, UNCOUNTED } from "./long-lines.ts";
import type { Runner } from "./runner.ts";
import type { ServerProcess } from "./server-process.ts";
import { StdoutMessages } from "./stdout-messages.ts";

/** How to start a stdio server. */
export interface Command {
  readonly service: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the whitelisted part of the gateway's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  /** What starts it in a container of its own, where the command is fixed. @default - it is a child of ours */
  readonly runner?: Runner | undefined;
  /** What it runs in as a child of ours. @default - in nothing */
  readonly sandbox?: Sandbox | undefined;
  /** Whether it stands in a file with other servers. */
  readonly inFile: boolean;
  /** The longest line that is read, in bytes. */
  readonly maxLine: number;
  /** Where the input that it has not read, and long lines that it has not ended, are counted. */
  readonly memory: Share;
}

/** A sandbox, as one service has it. */
export interface Sandbox {
  readonly bubblewrap: Bubblewrap;
  /** Files and folders of the gateway's. */
  readonly hidden: readonly string[];
  readonly hasNetwork: boolean;
}

/** The variables that a child inherits from the gateway: none that could hold another service's secret. */
const INHERITED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TERM|TMPDIR|TEMP|TMP|HTTPS?_PROXY|NO_PROXY|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|SystemRoot|ComSpec|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE|PROGRAMFILES)$/i;

/** How many bytes may queue up for a child that does not read its input. */
const MAX_UNREAD = 64 * 1024 * 1024;

/** Milliseconds that a server may take to exit once it has closed its output or input. */
const EXIT_TIME = 500;

/** How many characters of standard error are kept for the log, and how many of a line are waited for. */
const MAX_LAST_STDERR = 4_096;
const MAX_STDERR_LINE = 8_192;

/** Milliseconds after which a line that has not ended is logged, as it may be a prompt. */
const UNFINISHED = 250;

/** How many characters of standard output that is not a message are kept, to be quoted. */
const MAX_OTHER = 2_048;

/** The services, by their memory, whose standard output a warning was about. */
const warned = new WeakSet<Share>();

/** Starts a server and connects to its pipes. If the command cannot be started, `events.closed` says why. */
export function openChild(command: Command, log: Logger, events: LinkEvents): Link {
  const isConfined = command.sandbox !== undefined && command.runner === undefined;
  return isConfined ? openPatiently((own) => openOnce(command, log, own), events) : openOnce(command, log, events);
}

function openOnce(command: Command, log: Logger, events: LinkEvents): Link {
  try {
    return new ChildLink(start(command), command, log, events);
  } catch (error) {
    return neverStarted(command, error as NodeJS.ErrnoException, events);
  }
}

function start({ runner, sandbox, command, args, env, cwd }: Command): ServerProcess {
  if (runner) return runner.start(env);
  const program = { command, args, env: { ...inheritedEnvironment(), ...env }, cwd };
  if (!sandbox) return startLocally(program);
  const { bubblewrap, ...view } = sandbox;
  // In a sandbox it has a folder of temporary files of its own.
  const all = { ...inheritedEnvironment(), ...OWN_TEMPORARY, ...env };
  const named = [...args, ...Object.entries(env).flatMap(([name, value]) => (name === "PATH" ? [] : value))];
  const isFetched = packageRunner(command, args) !== undefined;
  return startInSandbox(bubblewrap, { ...program, ...view, env: all, named, isFetched });
}

/** Node throws what it does not expect of a command: ENOTDIR, E2BIG, a NUL in an argument. */
function neverStarted(command: Command, error: NodeJS.ErrnoException, events: LinkEvents): Link {
  const ended = setImmediate(() => events.closed({ ...startFailure(command, error), neverRan: true, lastStderr: "" }));
  return {
    label: `${command.service}[not started]`,
    lastStderr: "",
    hint: undefined,
    send: () => {}, // `closed` answers its callers
    close: async () => clearImmediate(ended),
  };
}

class ChildLink implements Link {
  readonly #child: ServerProcess;
  readonly #command: Command;
  readonly #log: Logger;
  readonly #events: LinkEvents;
  #closing: Promise<void> | undefined;
  #closed = false;
  /** The last whole lines of standard error, ready to be told, and the line after them as far as it has come. */
  #lastStderr = "";
  #stderrLine = "";
  #unfinished: NodeJS.Timeout | undefined;
  /** What came on standard output and is not a message, as it is quoted. */
  #other = "";
  #stdout: StdoutMessages | undefined;
  /** How the process ended. */
  #end: Clues["end"];
  /** Messages to write at the end of this turn of the event loop. */
  #outbox = "";
  /** The input that waits, and the line that has not ended. */
  readonly #input: Held;
  readonly #line: Held;

  constructor(child: ServerProcess, command: Command, log: Logger, events: LinkEvents) {
    this.#child = child;
    this.#command = command;
    this.#log = log;
    this.#events = events;
    this.#input = command.memory.hold();
    this.#line = command.memory.hold();
    this.#readStdout();
    this.#readStderr(log);
    child.stdin?.on("error", () => void this.#pipeEnded("input")); // EPIPE
    child.stdin?.on("drain", () => this.#countInput());
    child.on("error", (error: NodeJS.ErrnoException) =>
      this.#closedBy({ ...startFailure(command, error), neverRan: true }),
    );
    child.on("exit", (code, signal) => void this.#exited(code, signal));
    child.stdout?.once("end", () => void this.#pipeEnded("output"));
  }

  /** A runner tells the number of a process when it has started it. */
  get label(): string {
    const { service, runner } = this.#command;
    return `${service}[${this.#child.pid ?? (runner ? "starting" : "not started")}]`;
  }

  get lastStderr(): string {
    return (this.#lastStderr + tellable(this.#stderrLine)).slice(-MAX_LAST_STDERR).trim();
  }

  get hint(): string | undefined {
    const { command, args, env, inFile } = this.#command;
    return diagnose({
      command,
      args,
      stderr: this.lastStderr,
      stdout: this.#other + tellable(fromBytes(this.#stdout?.unfinished ?? "")),
      end: this.#end,
      given: { ...inheritedEnvironment(), ...env },
      here: process.env,
      inFile,
    });
  }

  send(message: string): void {
    const { stdin } = this.#child;
    if (stdin === null || this.#closed) return; // `closed` answers its callers
    const waiting = stdin.writableLength + this.#outbox.length;
    if (waiting > MAX_UNREAD) throw new GatewayError("child-not-reading", { service: this.#command.service });
    if (waiting + message.length > UNCOUNTED && !this.#input.resize(waiting + message.length))
      throw this.#input.refusal("memory-exhausted", message.length);
    if (this.#outbox === "") setImmediate(() => this.#flush());
    this.#outbox += `${message}\n`;
  }

  close(): Promise<void> {
    this.#flush();
    this.#closed = true;
    this.#line.end();
    this.#closing ??= this.#child.end().finally(() => this.#input.end());
    return this.#closing;
  }

  /** Every write is a system call, so the messages of one turn go out together. */
  #flush(): void {
    if (this.#outbox === "") return;
    this.#child.stdin?.write(this.#outbox, "latin1");
    this.#outbox = "";
    if (this.#input.bytes > 0) this.#countInput();
  }

  #countInput(): void {
    const waiting = this.#child.stdin?.writableLength ?? 0;
    this.#input.resize(waiting > UNCOUNTED ? waiting : 0);
  }

  #readStdout(): void {
    const reader = new StdoutMessages(this.#command.maxLine, {
      message: (text, bytes) => {
        if (!this.#closed) this.#events.message(text, bytes);
      },
      other: (line) => this.noMessage(line),
      overflow: () => this.#ended(`wrote a line over ${this.#command.maxLine} bytes`),
    });
    this.#stdout = reader;
    this.#child.stdout
      ?.on("data", (chunk: Buffer) => {
        reader.push(chunk);
        if (reader.pending > UNCOUNTED || this.#line.bytes > 0) this.#countLine(reader.pending);
      })
      .on("close", () => reader.close());
  }

  /** A warning for each service, and a line of the log for each further process: it may work all the same. */
  noMessage(line: string): void {
    if (this.#closed) return;
    this.#log.debug({ child: this.label, bytes: line.length }, "not a message on standard output");
    if (this.#other.length >= MAX_OTHER) return;
    const isFirst = this.#other === "";
    this.#other += `${tellable(fromBytes(line.slice(0, MAX_OTHER)))}\n`;
    if (!isFirst) return;
    const level = warned.has(this.#command.memory) ? "info" : "warn";
    warned.add(this.#command.memory);
    this.#log[level]({ child: this.label }, `${this.#command.service}: ${faultOfLine(this.#other.trimEnd())}`);
  }

  /** A server whose line does not fit is not read until it does. */
  #countLine(bytes: number): void {
    const { stdout } = this.#child;
    if (holdIfFree(this.#line, bytes)) return;
    stdout?.pause();
    holdWhenFree(this.#line, bytes).then(
      () => void stdout?.resume(),
      (error: Error) => this.#ended(error.message),
    );
  }

  /** Line by line: a secret, or an escape sequence, may come in two chunks. */
  #readStderr(log: Logger): void {
    this.#child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      const text = this.#stderrLine + chunk;
      const end = text.length > MAX_STDERR_LINE ? text.length : text.lastIndexOf("\n") + 1;
      this.#stderrLine = text.slice(end);
      clearTimeout(this.#unfinished);
      if (this.#stderrLine !== "") this.#unfinished = setTimeout(() => this.#logUnfinished(log), UNFINISHED).unref();
      if (end === 0) return;
      const lines = tellable(text.slice(0, end));
      this.#lastStderr = (this.#lastStderr + lines).slice(-MAX_LAST_STDERR);
      logOutput(log, { child: this.label, stderr: lines.trimEnd() });
    });
  }

  #logUnfinished(log: Logger): void {
    logOutput(log, { child: this.label, stderr: tellable(this.#stderrLine), unfinished: true });
  }

  /** Reads what is left in the pipes before reporting the end, but not for long: a grandchild may hold them open. */
  async #exited(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    const drained = new Promise<void>((resolve) => this.#child.once("close", () => resolve()));
    await Promise.race([drained, sleep(200)]);
    this.#end = { code, signal };
    this.#ended(signal === null ? `exit code ${code}` : `killed by ${signal}`);
  }

  /**
   * A server ends by closing its output (MCP 2025-11-25, Lifecycle, "Shutdown", the other way round), or its input: nothing can
   * be answered any more, so one that lives on is ended. One that is about to exit does so first, with its exit code.
   */
  async #pipeEnded(pipe: "input" | "output"): Promise<void> {
    await sleep(EXIT_TIME, undefined, { ref: false });
    if (!this.#child.hasExited) this.#ended(`it closed its standard ${pipe}`);
  }

  #ended(reason: string): void {
    if (!this.#closed) this.#closedBy({ reason, hint: this.hint });
  }

  #closedBy(why: Omit<LinkClosed, "lastStderr">): void {
    if (this.#closed) return;
    void this.close();
    this.#events.closed({ ...why, lastStderr: this.lastStderr });
  }
}

/** Servers print their settings when they fail, secrets among them. */
const tellable = (lines: string) => told(lines, { lines: true, limit: Infinity });

const OWN_TEMPORARY = { TMPDIR: "/tmp", TEMP: "/tmp", TMP: "/tmp" };

function inheritedEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter((entry): entry is [string, string] => INHERITED.test(entry[0]));
  return Object.fromEntries(entries);
}

/** Text that came one character a byte. */
const fromBytes = (text: string) => Buffer.from(text, "latin1").toString();

function startFailure(
  of: Command,
  { code, message }: NodeJS.ErrnoException,
): StartFault & Pick<LinkClosed, "noSandbox"> {
  const { runner, command, args, cwd, env } = of;
  if (runner) return runner.startFault(code ?? message);
  if (code?.startsWith(SANDBOX_FAILED))
    return {
      reason: `its sandbox could not be made in ${TRIES} tries (${code.slice(SANDBOX_FAILED.length + 2)})`,
      hint: "The server is not at fault, bubblewrap is. To start it without a sandbox: --sandbox false.",
      noSandbox: true,
    };
  // Node quotes an argument that it refuses, which may hold a secret.
  if (code === "ERR_INVALID_ARG_VALUE")
    return { reason: "cannot be started (there is a NUL in its command, arguments or variables)" };
  const { PATH = process.env["PATH"] } = env;
  return startFault(code ?? message, { command, args, cwd, path: PATH });
}
