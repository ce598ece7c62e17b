/**
 * `gangway connect`: an MCP server at a URL, for a client that starts servers as processes. It is the gateway the other way
 * round: stdio on the client's side, Streamable HTTP or HTTP with SSE on the server's.
 */
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { LineReader } from "../bridge/framing.ts";
import { forgetIdleConnections, isLoopback } from "../bridge/proxy.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import { errorAnswer } from "../jsonrpc.ts";
import { createLog } from "../log.ts";
import { MemoryBudget } from "../memory-budget.ts";
import { secrets, told } from "../secrets.ts";
import { readMessages } from "../transports/body.ts";
import { Outages } from "./outages.ts";
import { Relay } from "./relay.ts";
import { remedies } from "./remedies.ts";
import { whenWoken } from "./wake.ts";

/** What is connected. */
export interface ConnectOptions {
  /** Where the server is: http or https. */
  readonly url: string;
  /** Its bearer token. @default none */
  readonly token?: string | undefined;
  /** What the client writes: one message a line. Its end ends the connection. */
  readonly input: Readable;
  /** What the client reads: one message a line, and nothing else. */
  readonly output: Writable;
  /** Tells the person who reads the client's log. */
  readonly tell: (text: string) => void;
  /** Ends the connection as the end of the input does. */
  readonly signal?: AbortSignal;
  /** Milliseconds for which a request is tried while the server cannot be reached. @default 30,000 */
  readonly patience?: number;
}

const MiB = 1024 * 1024;

/** The longest message of either side. */
const MAX_MESSAGE = 64 * MiB;

/** How much may wait for the server, and how much for the client. */
const MAX_WAITING = 256 * MiB;

const PATIENCE = 30_000;

/** Milliseconds that open calls have to be answered, after the end of the input and after a signal. */
const GRACE = { input: 10_000, signal: 1_000 };

/** Connects until the client or the signal ends it. Resolves when everything is closed. */
export async function connect(options: ConnectOptions): Promise<void> {
  const { input, output } = options;
  const ended = endOf(options);
  const relay = relayFor(options);
  const stopWatching = whenWoken(forgetIdleConnections);
  readInput(options, relay);
  const grace = await ended;
  if (grace > 0) await answered(relay, grace);
  await relay.close();
  stopWatching();
  input.destroy();
  await read(output, grace);
}

/** Resolves with the milliseconds that open calls still have: none when nobody reads their answers. */
function endOf({ input, output, signal }: ConnectOptions): Promise<number> {
  return new Promise((resolve) => {
    for (const end of ["end", "close", "error"]) input.once(end, () => resolve(GRACE.input));
    output.on("error", () => resolve(0));
    signal?.addEventListener("abort", () => resolve(GRACE.signal), { once: true });
  });
}

function relayFor({ url, token, output, tell: write, patience = PATIENCE }: ConnectOptions): Relay {
  const tell = (text: string) => write(told(text, { lines: true }));
  const { host } = new URL(url);
  if (token !== undefined) secrets.add("token", token);
  if (token !== undefined && isReadable(url))
    tell(`the token goes to ${host} unencrypted, use https:// if it has that`);
  const upstream = {
    service: host,
    url,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    maxLine: MAX_MESSAGE,
    memory: new MemoryBudget(2 * MAX_WAITING, Infinity).ofServer(host),
    remedies,
    patience: new Outages(url, patience, tell),
  };
  const client = { tell, send: (text: string) => send(output, text) };
  return new Relay(
    upstream,
    patience,
    client,
    createLog("error", () => {}),
  );
}

/** Whether others on the way can read what is sent there. */
const isReadable = (url: string) => url.startsWith("http:") && !isLoopback(new URL(url).hostname);

/** A client that reads nothing cannot be told anything either. */
function send(output: Writable, text: string): void {
  if (output.destroyed || output.writableEnded) return;
  if (output.writableLength > MAX_WAITING) output.destroy(new Error("the client does not read"));
  else output.write(`${text}\n`, "latin1");
}

function readInput({ input, output, tell }: ConnectOptions, relay: Relay): void {
  const refuse = (error: GatewayError) => {
    tell(error.message);
    send(output, errorAnswer(error.answers, error.code, error.message));
  };
  const take = (line: string) => {
    try {
      for (const message of readMessages(Buffer.from(line, "latin1")).messages) relay.take(message);
    } catch (error) {
      refuse(toGatewayError(error));
    }
  };
  const overflow = () => refuse(new GatewayError("body-too-large", { limit: MAX_MESSAGE }));
  const lines = new LineReader(MAX_MESSAGE, take, overflow);
  input.on("data", (chunk: Buffer) => lines.push(chunk)).once("end", () => lines.push(Buffer.from("\n")));
}

/** Waits until the client has read everything, for as long as it goes on reading. */
async function read(output: Writable, grace: number): Promise<void> {
  const left = output.writableLength;
  if (left === 0 || output.destroyed || grace === 0) return;
  for (const end = performance.now() + grace; output.writableLength > 0 && performance.now() < end;) await sleep(20);
  if (output.writableLength < left) await read(output, grace);
}

/** Waits until no call is open. */
async function answered(relay: Relay, grace: number): Promise<void> {
  for (const deadline = performance.now() + grace; relay.waiting > 0 && performance.now() < deadline;) await sleep(20);
}
