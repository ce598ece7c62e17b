/**
 * The gateway's part of a trace: a span for each request, between the client's and the server's. What is said in it is what the
 * OpenTelemetry conventions for MCP name; arguments, results, addresses and whole session ids are in none.
 */
import type { Message } from "../jsonrpc.ts";
import type { Logger } from "../log.ts";
import { told } from "../secrets.ts";
import { contextIn, newContext, readContext, type TraceContext, withContext, writeContext } from "./trace-context.ts";

/** A span that is over. */
export interface Span {
  readonly context: TraceContext;
  readonly parent: TraceContext | undefined;
  /** A context that it has to do with, although it is not its parent. */
  readonly link: TraceContext | undefined;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, string>>;
  /** "" = it succeeded. */
  readonly error: string;
}

/** A request, as far as its span tells of it. */
export interface TracedCall {
  readonly service: string;
  readonly method: string;
  /** The name of the tool that is called, as a JSON text; undefined = it is no call of a tool. */
  readonly tool: string | undefined;
  readonly client: { readonly session: string | undefined };
}

/** Where traces go. */
export interface Collector {
  /** Its address without a path: `http://localhost:4318`. */
  readonly endpoint: string;
  /** `name=value`: for those that ask who sends. */
  readonly headers: readonly string[];
}

/** Milliseconds that spans wait for others, and how many wait at most: more are dropped, and counted. */
const PAUSE = 2_000;
const MAX_WAITING = 2_048;
/** How many are sent at once. */
const MAX_BATCH = 512;
/** Milliseconds between two lines about a collector that does not take them. */
const TOLD_AGAIN = 60_000;
/** Characters of what a client made up. */
const LONGEST = 128;

/** Who begins a trace, and what is known of it. */
interface Begun {
  readonly context: TraceContext;
  readonly parent: TraceContext | undefined;
  readonly link: TraceContext | undefined;
  readonly start: number;
}

/** Makes spans of one gateway's requests, and sends them. */
export class Tracer {
  readonly #collector: Collector;
  readonly #log: Logger;
  readonly #begun = new WeakMap<Message, Begun>();
  #waiting: Span[] = [];
  #lost = 0;
  #toldAt = -TOLD_AGAIN;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;

  constructor(collector: Collector, log: Logger) {
    this.#collector = collector;
    this.#log = log;
  }

  /**
   * Begins the span of a request. The context of its message is the parent, that of its HTTP header only where there is none.
   * @returns the message for the server, which has the span's context; the same for what is not traced
   */
  enter(message: Message, header: string | undefined): Message {
    if (message.kind !== "request") return message;
    const [inMessage, inHeader] = [contextIn(message), readContext(header)];
    const parent = inMessage ?? inHeader;
    if (parent?.isSampled === false) return message;
    const context = newContext(parent);
    const passed = withContext(message, context);
    const link = inMessage && inHeader && writeContext(inMessage) !== writeContext(inHeader) ? inHeader : undefined;
    this.#begun.set(passed, { context, parent, link, start: Date.now() });
    return passed;
  }

  /** What ends the span of a message; undefined where it has none. */
  of(message: Message): ((call: TracedCall, error: string) => void) | undefined {
    const begun = this.#begun.get(message);
    const id = message.id ?? "";
    return begun && ((call, error) => this.#end(begun, call, { id, error }));
  }

  /** Sends what waits. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#sending;
    await this.#send();
  }

  #end({ start, ...context }: Begun, call: TracedCall, { id, error }: { id: string; error: string }): void {
    if (this.#waiting.length >= MAX_WAITING) return void this.#lost++;
    const tool = call.tool === undefined ? "" : told(JSON.parse(call.tool) as string, { limit: LONGEST });
    const method = told(call.method, { limit: LONGEST });
    const attributes = {
      "mcp.method.name": method,
      "jsonrpc.request.id": told(id, { limit: LONGEST }),
      "network.transport": "tcp",
      ...(tool !== "" && { "gen_ai.tool.name": tool, "gen_ai.operation.name": "execute_tool" }),
      ...(call.client.session !== undefined && { "gangway.session": call.client.session.slice(0, 6) }),
      "gangway.service": call.service,
      ...(error !== "" && { "error.type": error }),
    };
    const name = tool === "" ? method : `${method} ${tool}`;
    this.#waiting.push({ ...context, name, start, end: Date.now(), attributes, error });
    this.#timer ??= setTimeout(() => void this.#send(), PAUSE).unref();
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    const spans = this.#waiting;
    this.#waiting = [];
    this.#sending = this.#post(spans);
    await this.#sending;
  }

  async #post(spans: readonly Span[]): Promise<void> {
    const { sendSpans } = await import("./otlp.ts");
    for (let at = 0; at < spans.length; at += MAX_BATCH) {
      const batch = spans.slice(at, at + MAX_BATCH);
      const problem = await sendSpans(batch, this.#collector);
      if (problem !== undefined) this.#tell(problem, batch.length);
    }
  }

  #tell(problem: string, lost: number): void {
    this.#lost += lost;
    const now = performance.now();
    if (now - this.#toldAt < TOLD_AGAIN) return;
    this.#toldAt = now;
    this.#log.warn(`traces: ${problem}; ${this.#lost} spans are lost (OTEL_EXPORTER_OTLP_ENDPOINT says where they go)`);
    this.#lost = 0;
  }
}
