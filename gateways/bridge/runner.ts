/**
 * Starts stdio servers in another container, by its `runner.pl`, which says how both talk. What a server says to us is on a
 * connection of its own; what else a parent knows of its child comes on the one that `Runner` keeps.
 */
import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import { connect, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import type { StartFault } from "./diagnosis/commands.ts";
import { RunnerReports, type Report } from "./runner-reports.ts";
import { endGroup, type ServerProcess, signalNamed } from "./server-process.ts";

/** A runner at a Unix socket. */
export class Runner {
  readonly #path: string;
  readonly #processes = new Map<number, RunnerProcess>();
  #control: Control | undefined;
  #lastId = 0;

  /** @param path of the socket */
  constructor(path: string) {
    this.#path = path;
  }

  /** Starts the one command of that container. @param variables for it, beside those of its container */
  start(variables: Readonly<Record<string, string>>): ServerProcess {
    const control = (this.#control ??= this.#open());
    const id = ++this.#lastId;
    const head = `serve ${control.key} ${id} ${Object.keys(variables).length}\n${linesOf(variables)}`;
    const served = new RunnerProcess(connect({ path: this.#path, allowHalfOpen: true }), {
      head,
      signal: (signal) => control.socket.write(`${id} ${signal.slice("SIG".length)}\n`),
      over: () => this.#over(id),
    });
    this.#processes.set(id, served);
    return served;
  }

  /** Why a process could not be started, and what to do. @param code what `error` said */
  startFault(code: string): StartFault {
    const isHere = !AWAY.has(code);
    return {
      reason: isHere ? "cannot be started in its container" : "its container cannot be reached",
      hint: isHere
        ? `Its container says of its command: ${code}.`
        : `Nothing answers at ${this.#path} (${code}): is the server's container running, and is that folder shared with it?`,
    };
  }

  #open(): Control {
    const socket = connect(this.#path);
    const key = randomBytes(16).toString("hex");
    const reports = new RunnerReports((report) => this.#processes.get(report.id)?.told(report));
    socket.write(`control ${key}\n`);
    socket.on("data", (chunk: Buffer) => {
      if (!reports.push(chunk)) socket.destroy();
    });
    socket.on("error", () => {}); // `close` follows, and each process says why itself
    socket.on("close", () => this.#lost(socket));
    return { socket, key };
  }

  /** Without a process there is nothing to be told. */
  #over(id: number): void {
    this.#processes.delete(id);
    if (this.#processes.size > 0) return;
    this.#control?.socket.destroySoon(); // whoever has taken the runner's place may go on talking
    this.#control = undefined;
  }

  /** The runner has ended, and everything that it has started with it. */
  #lost(socket: Socket): void {
    if (this.#control?.socket !== socket) return;
    this.#control = undefined;
    for (const served of this.#processes.values()) served.lost();
  }
}

/** What the socket of a container says that is not running, or that ends. */
const AWAY: ReadonlySet<string> = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE", "EACCES", "ENOTSOCK"]);

interface Control {
  readonly socket: Socket;
  /** What its processes are known by: other gateways have runners' connections, too. */
  readonly key: string;
}

/** What a process needs of its runner. */
interface OfRunner {
  /** What its connection begins with. */
  readonly head: string;
  signal(signal: "SIGTERM" | "SIGKILL"): void;
  /** Nothing more will be told of it. */
  over(): void;
}

class RunnerProcess extends EventEmitter implements ServerProcess {
  readonly stdin: Socket;
  readonly stdout: Socket;
  readonly stderr = new PassThrough();
  pid: number | undefined;
  hasExited = false;
  readonly #runner: OfRunner;
  #isOver = false;

  constructor(socket: Socket, runner: OfRunner) {
    super();
    this.#runner = runner;
    this.stdin = socket;
    this.stdout = socket;
    socket.write(runner.head);
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (this.pid === undefined) this.#failed(error);
    });
  }

  told(report: Report): void {
    switch (report.kind) {
      case "started":
        this.pid = report.pid;
        break;
      case "failed":
        return this.#failed(Object.assign(new Error(report.reason), { code: report.reason }));
      case "err":
        return void this.stderr.write(report.bytes);
      case "exit":
        return this.#exited(report.code, signalNamed(report.signal) ?? null);
    }
  }

  /** Nobody can say any more how it has ended. */
  lost(): void {
    if (this.pid === undefined) return this.#failed(Object.assign(new Error("it is away"), { code: "ECONNRESET" }));
    this.#exited(null, "SIGKILL");
  }

  async end(): Promise<void> {
    const group = { signal: this.#runner.signal.bind(this.#runner), lives: () => !this.#isOver };
    await endGroup(group, this);
    this.stdout.destroy();
    this.#finish();
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.hasExited) return;
    this.hasExited = true;
    this.stderr.end();
    this.emit("exit", signal === null ? code : null, signal);
    const closed = () => this.emit("close");
    if (this.stdout.closed || this.stdout.readableEnded) closed();
    else this.stdout.once("end", closed).once("close", closed);
    this.#finish();
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.#isOver) return;
    this.#finish();
    this.emit("error", error);
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#runner.over();
  }
}

/** What would end a line, or begin a code, is written as one. */
const linesOf = (variables: Readonly<Record<string, string>>) =>
  Object.entries(variables)
    .map(([name, value]) => `${name}=${encoded(value)}\n`)
    .join("");

const encoded = (value: string) =>
  Array.from(Buffer.from(value), (byte) =>
    byte > 0x20 && byte < 0x7f && byte !== 0x25
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join("");
