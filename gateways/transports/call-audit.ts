/**
 * The audit of tool calls: one line for each, when it is over, without arguments and results. It is written by the gateway
 * that runs the call, so a forwarded one counts once. Where there are metrics, all requests are counted in the same place.
 */
import { LISTEN } from "../bridge/versions.ts";
import { detached } from "../detached.ts";
import type { ErrorName, GatewayError } from "../errors.ts";
import { stringAt } from "../json/scan.ts";
import type { LastHour } from "../last-hour.ts";
import { find, readMessage, written, type Message } from "../jsonrpc.ts";
import { writeSoon, type Logger } from "../log.ts";
import { labelOf, labelOfCode, type Operations } from "../metrics/operations.ts";
import { named, type Principal } from "../principal.ts";
import { told } from "../secrets.ts";
import { CALL, innerNameIn } from "../sessions/tools/search/three-tools.ts";
import { saysError } from "../tool-result.ts";
import type { Tracer } from "../tracing/tracer.ts";

/**
 * How a call ended. `ok`: with a result. `error`: the tool says that it failed, or the server answered with an error.
 * `refused`: the gateway did not pass it on, so it has not run. `cancelled`, `timeout`: as it says; it may have run. `lost`:
 * its answer never came; it may have run.
 */
export type Outcome = "ok" | "error" | "refused" | "cancelled" | "timeout" | "lost";

/** The outcome of an error of the gateway's own. All others are refusals. */
const OUTCOMES: Partial<Record<ErrorName, Outcome>> = {
  cancelled: "cancelled",
  "request-timeout": "timeout",
  "page-waits-no-longer": "timeout",
  "answer-not-kept": "ok",
  "child-died": "lost",
  "call-ended": "lost",
  "bad-answer": "lost",
  "upstream-broke": "lost",
  "forward-broke": "lost",
  "client-request-refused": "error",
  "client-request-unanswered": "error",
  "too-many-input-rounds": "error",
  internal: "lost",
};

/** Who calls. */
export interface CallingClient {
  readonly principal: Pick<Principal, "id" | "name">;
  /** The session's id, of which the line has the beginning; undefined in the modern era. */
  readonly session: string | undefined;
}

/** How many tools' names are kept ready, and how many characters of one are written. */
const MAX_NAMES = 1_000;
const LONGEST_NAME = 128;
/** What needs no escapes, as the ids of sessions do. */
const PLAIN = /^[\w-]*$/;
/** How many characters of a server's error code are written. */
const LONGEST_CODE = 40;

/** What is done with the calls of one service. */
export interface CallAuditOptions {
  readonly service: string;
  /** Where they are counted. */
  readonly lastHour: LastHour;
  /** Whether they are only counted, and no lines written. @default false */
  readonly isSilent?: boolean;
  /** Whether tools are called through `call_tool`: a line names the one that is meant. @default false */
  readonly isSearched?: boolean;
  /** Where all requests are counted for the metrics. @default - nowhere */
  readonly operations?: Operations | undefined;
  /** What makes a span of each request. @default - nothing does */
  readonly tracer?: Tracer | undefined;
}

/** The audit of one service's tool calls, and their count. Every call passes it, so a line is put together by hand. */
export class CallAudit {
  readonly service: string;
  readonly #log: Logger;
  readonly #service: string;
  readonly #lastHour: LastHour;
  readonly #isSilent: boolean;
  readonly #isSearched: boolean;
  readonly #operations: Operations | undefined;
  readonly #tracer: Tracer | undefined;
  /** The names of tools, ready to be written, as they stand in messages. */
  readonly #names = new Map<string, string>();
  // What the line before had is often what the next one has: the second, and who called.
  #second = Number.NaN;
  #head = "";
  #principal: CallingClient["principal"] | undefined;
  #who = "";

  constructor(options: CallAuditOptions, log: Logger) {
    const { service, lastHour, isSilent = false, isSearched = false, operations, tracer } = options;
    this.#operations = operations;
    this.#tracer = tracer;
    this.service = service;
    this.#lastHour = lastHour;
    this.#isSilent = isSilent;
    this.#isSearched = isSearched;
    this.#service = JSON.stringify(service);
    this.#log = log;
  }

  /** Whether requests are traced. */
  get traces(): boolean {
    return this.#tracer !== undefined;
  }

  /**
   * A message as it is passed on: a request that is traced has its span's context.
   * @param header the traceparent of the HTTP request that it came in alone
   */
  traced(message: Message, header?: string): Message {
    return this.#tracer?.enter(message, header) ?? message;
  }

  /** A request that has come; undefined for what is neither audited nor counted. */
  begin(message: Message, client: CallingClient): AuditedCall | undefined {
    const { method, kind } = message;
    if (kind !== "request") return undefined;
    if (method === "tools/call") {
      const isNamed = !this.#isSilent || this.#isWatched;
      return this.#watched(new AuditedCall(this, method, client, isNamed ? this.#nameIn(message) : NAMELESS), message);
    }
    if (!this.#isWatched || method === LISTEN) return undefined;
    return this.#watched(new AuditedCall(this, method, client), message);
  }

  /** Whether requests are more than audited. */
  get #isWatched(): boolean {
    return this.#operations !== undefined || this.#tracer !== undefined;
  }

  #watched(call: AuditedCall, message: Message): AuditedCall {
    if (this.#tracer) call.endSpan = this.#tracer.of(message);
    return call;
  }

  /** A request has been answered. @param failure the server's error code, or "tool_error"; undefined = there is none */
  answered(call: AuditedCall, failure: string | undefined): void {
    const ms = performance.now() - call.started;
    const label = failure === undefined ? "" : failure === TOOL_ERROR ? failure : labelOfCode(failure);
    this.#operations?.ended(call.method, call.tool, label, ms / 1_000);
    call.endSpan?.(call, failure ?? "");
    this.#write(call, failure === undefined ? "ok" : "error", failure, ms);
  }

  /** The gateway's own error was the answer to a request. */
  failed(call: AuditedCall, error: GatewayError): void {
    const ms = performance.now() - call.started;
    this.#operations?.failed(call.method, call.tool, error, ms / 1_000);
    call.endSpan?.(call, labelOf(error));
    this.#write(call, OUTCOMES[error.name] ?? "refused", error.name, ms);
  }

  /** What has come was refused before there was a request in it. @param started when it came (performance.now()) */
  refused(error: GatewayError, started: number): void {
    this.#operations?.refused(error, (performance.now() - started) / 1_000);
  }

  /** Counts a call of a tool that is over, and writes its line. */
  #write({ tool, client }: AuditedCall, outcome: Outcome, reason: string | undefined, ms: number): void {
    if (tool === undefined) return;
    const now = Date.now();
    this.#lastHour.count(outcome !== "ok" && outcome !== "cancelled", now);
    if (this.#isSilent) return;
    const why = reason === undefined ? "" : `,"reason":${JSON.stringify(reason)}`;
    writeSoon(
      this.#log,
      `${this.#headAt(now)}${this.#by(client)},"tool":${tool},"outcome":"${outcome}"${why},"ms":${Math.round(ms)},"msg":"AUTH call"}\n`,
    );
  }

  /** Where the call came in and who it is from, ready to be written. */
  #by({ principal, session }: CallingClient): string {
    if (principal.id !== this.#principal?.id || principal.name !== this.#principal.name) {
      this.#principal = principal;
      this.#who = `"service":${this.#service},${membersOf(principal)}`;
    }
    if (session === undefined) return this.#who;
    const start = session.slice(0, 6);
    return `${this.#who},"session":${PLAIN.test(start) ? `"${start}"` : JSON.stringify(start)}`;
  }

  /** The name of the tool as a JSON text. */
  #nameIn(message: Message): string {
    const name = this.#nameOf(nameAt(message.text, message.params));
    const inner = this.#isSearched && name === `"${CALL}"` ? innerNameIn(message) : undefined;
    return inner === undefined ? name : this.#nameOf(inner);
  }

  /** @param written as it stands in the message; "" = there is none */
  #nameOf(written: string): string {
    const known = this.#names.get(written);
    if (known !== undefined) return known;
    const name = JSON.stringify(told(decoded(written), { limit: LONGEST_NAME }));
    if (this.#names.size < MAX_NAMES && written.length <= LONGEST_NAME) this.#names.set(detached(written), name);
    return name;
  }

  /** The beginning of a line, with the time. */
  #headAt(now: number): string {
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#head = `{"level":"info","time":"${new Date(now).toISOString().slice(0, -"000Z".length)}`;
    }
    return `${this.#head}${String(now - second * 1_000).padStart(3, "0")}Z","audit":"call",`;
  }
}

/** `"principal":"token:ci","name":"ci"` */
const membersOf = (principal: CallingClient["principal"]) =>
  Object.entries(named(principal))
    .map(([key, value]) => `"${key}":${JSON.stringify(told(value, { limit: LONGEST_NAME }))}`)
    .join(",");

/** A request on its way. Its end counts once. */
export class AuditedCall {
  readonly method: string;
  readonly client: CallingClient;
  /** The name of the tool that is called, as a JSON text. @default - it is no call of a tool, and has no line */
  readonly tool: string | undefined;
  /** performance.now() */
  readonly started = performance.now();
  /** Ends its span, if it has one. */
  endSpan: ReturnType<Tracer["of"]>;
  readonly #audit: CallAudit;
  #over = false;

  constructor(audit: CallAudit, method: string, client: CallingClient, tool?: string) {
    this.#audit = audit;
    this.method = method;
    this.client = client;
    this.tool = tool;
  }

  /** The service that is called. */
  get service(): string {
    return this.#audit.service;
  }

  /** @param received the server's own message, if it has been read: an answer that was just put together is slow to search */
  answered(answer: string, received = readMessage(answer)): void {
    if (this.#over || !received) return;
    this.#over = true;
    this.#audit.answered(this, this.#failureIn(received));
  }

  failed(error: GatewayError): void {
    if (this.#over) return;
    this.#over = true;
    this.#audit.failed(this, error);
  }

  #failureIn(received: Message): string | undefined {
    if (received.error >= 0) return codeOf(received);
    return this.tool !== undefined && saysError(received) ? TOOL_ERROR : undefined;
  }
}

const codeOf = ({ text, error }: Message) => told(written(text, error, "code") ?? "", { limit: LONGEST_CODE });

/** What the conventions call a result that says that the tool has failed. */
const TOOL_ERROR = "tool_error";

/** The name of a tool that nobody needs. */
const NAMELESS = '""';

const NAME_FIRST = '{"name":"';

/** The tool's name as it stands in the message: what nearly every client sends is found without reading the arguments. */
function nameAt(text: string, params: number): string {
  const start = params + NAME_FIRST.length;
  const end = text.startsWith(NAME_FIRST, params) ? text.indexOf('"', start) : -1;
  const isWhole = end > 0 && end - start <= LONGEST_NAME && text[end - 1] !== "\\";
  if (isWhole) return text.slice(start - 1, end + 1);
  const span = find(text, params, "name");
  return span ? text.slice(span.start, span.end) : "";
}

/** "" when it is no string. */
const decoded = (name: string): string => stringAt(name, 0, name.length);
