/**
 * The requests of one service, counted: how many, how long they took, how they failed. Whatever clients and servers send, there
 * are only so many series: a name that is not known is `other`.
 */
import type { ErrorName, GatewayError } from "../errors.ts";
import { Histogram } from "./histogram.ts";

/** What a name becomes that is none of those which are told apart. */
export const OTHER = "other";
const OTHER_TOOL = JSON.stringify(OTHER);

/** The method of a request that was refused before its message was read (OpenTelemetry's word for one that is not known). */
export const UNREAD = "_OTHER";

/** The requests of all revisions. Of `subscriptions/listen` none is counted: its answer comes when the stream ends. */
const METHODS: ReadonlySet<string> = new Set([
  "initialize",
  "ping",
  "completion/complete",
  "logging/setLevel",
  "prompts/get",
  "prompts/list",
  "resources/list",
  "resources/read",
  "resources/subscribe",
  "resources/templates/list",
  "resources/unsubscribe",
  "server/discover",
  "tasks/cancel",
  "tasks/get",
  "tasks/list",
  "tasks/result",
  "tools/call",
  "tools/list",
]);

/** Errors of servers that are told apart, besides JSON-RPC's own: the implementation's, and those of MCP. */
const CODES: ReadonlySet<string> = new Set([
  "-32700",
  "-32600",
  "-32601",
  "-32602",
  "-32603",
  "-32000",
  "-32001",
  "-32002",
  "-32020",
  "-32021",
  "-32022",
  "-32042",
]);

/** How many tools of a service are told apart, and how many series there are in all. */
const MAX_TOOLS = 200;
const MAX_SERIES = 500;

/** What a request was and how it ended, as the labels say it. */
export interface OperationLabels {
  readonly method: string;
  /** Of tools/call. @default "" for another method */
  readonly tool: string;
  /** The error's JSON-RPC code, or the gateway's status: "tool_error", "-32602", "429". @default "" for a success */
  readonly error: string;
}

/** One kind of operation of the store. */
export interface StoreSeries {
  readonly operation: string;
  /** @default "" for a success */
  readonly error: string;
  readonly histogram: Histogram;
}

/**
 * What is refused without having been a request of MCP: what looks for other software, and the GET with which clients look for a
 * stream, whose refusal the protocol foresees.
 */
const NO_REQUEST: ReadonlySet<ErrorName> = new Set(["not-found", "method-not-allowed"]);

/** One method, or one tool. */
class Counted {
  readonly method: string;
  readonly tool: string;
  readonly outcomes = new Map<string, Histogram>();

  constructor(method: string, tool: string) {
    this.method = method;
    this.tool = tool;
  }
}

/** What is counted of one service. */
export class Operations {
  readonly #isTool: (name: string) => boolean;
  readonly #methods = new Map<string, Counted>();
  readonly #tools = new Map<string, Counted>();
  readonly #refusals = new Map<ErrorName, number>();
  /** Of sessions that have ended. */
  readonly sessions = new Histogram();
  readonly #store = new Map<string, StoreSeries>();
  #series = 0;
  #requests = 0;
  #errors = 0;

  /** @param isTool whether the service offers a tool of this name */
  constructor(isTool: (name: string) => boolean) {
    this.#isTool = isTool;
  }

  /** Requests that have ended, in any way. */
  get requests(): number {
    return this.#requests;
  }

  /** Those of them that failed. A call that its client has cancelled did not. */
  get errors(): number {
    return this.#errors;
  }

  /** How often each of the gateway's own errors was the answer. */
  get refusals(): Iterable<readonly [ErrorName, number]> {
    return this.#refusals;
  }

  /** A request has ended. @param tool of tools/call, as a JSON text @param error "" = it succeeded */
  ended(method: string, tool: string | undefined, error: string, seconds: number): void {
    this.#count(error);
    this.#histogramOf(this.#find(method, tool), error).observe(seconds);
  }

  /** The gateway's own error was the answer to a request. */
  failed(method: string, tool: string | undefined, error: GatewayError, seconds: number): void {
    this.#countRefusal(error);
    this.ended(method, tool, labelOf(error), seconds);
  }

  /** An HTTP request, or a frame, was refused before there was a message in it. */
  refused(error: GatewayError, seconds: number): void {
    this.#countRefusal(error);
    if (!NO_REQUEST.has(error.name)) this.ended(UNREAD, undefined, labelOf(error), seconds);
  }

  /** @param operation a method of the store @param error "" = it succeeded */
  stored(operation: string, error: string, seconds: number): void {
    const key = `${operation} ${error}`;
    const known = this.#store.get(key) ?? added(this.#store, key, { operation, error, histogram: new Histogram() });
    known.histogram.observe(seconds);
  }

  /** What the service's gateways share, by operation and result. */
  get store(): Iterable<StoreSeries> {
    return this.#store.values();
  }

  /** Every series there is. */
  get series(): readonly (readonly [OperationLabels, Histogram])[] {
    return [...this.#methods.values(), ...this.#tools.values()].flatMap(({ method, tool, outcomes }) =>
      [...outcomes].map(([error, histogram]) => [{ method, tool, error }, histogram] as const),
    );
  }

  #countRefusal({ name }: GatewayError): void {
    this.#refusals.set(name, (this.#refusals.get(name) ?? 0) + 1);
  }

  #count(error: string): void {
    this.#requests++;
    if (error !== "" && error !== CANCELLED) this.#errors++;
  }

  #find(method: string, tool: string | undefined): Counted {
    if (tool !== undefined) return this.#tools.get(tool) ?? this.#toolOf(tool);
    const name = METHODS.has(method) || method === UNREAD ? method : OTHER;
    return this.#methods.get(name) ?? added(this.#methods, name, new Counted(name, ""));
  }

  #toolOf(tool: string): Counted {
    const name = JSON.parse(tool) as string;
    const isKnown = tool === OTHER_TOOL || (this.#tools.size < MAX_TOOLS && this.#isTool(name));
    if (!isKnown) return this.#find("tools/call", OTHER_TOOL);
    return added(this.#tools, tool, new Counted("tools/call", name));
  }

  #histogramOf(counted: Counted, error: string): Histogram {
    return counted.outcomes.get(error) ?? this.#newOutcome(counted, error);
  }

  /** Beyond the limit, the errors of a tool are those of others; of these and of methods there are few. */
  #newOutcome(counted: Counted, error: string): Histogram {
    const isTool = counted.tool !== "" && counted.tool !== OTHER;
    if (isTool && this.#series >= MAX_SERIES) return this.#histogramOf(this.#find("tools/call", OTHER_TOOL), error);
    this.#series++;
    return added(counted.outcomes, error, new Histogram());
  }
}

const CANCELLED = "cancelled";

/** The HTTP status of a refusal; what is answered with 200, because a server failed, has its JSON-RPC code alone. */
export function labelOf({ name, status, code }: GatewayError): string {
  if (name === CANCELLED) return CANCELLED;
  return String(status < 400 ? code : status);
}

/** The label of an error that a server answered with. @param code as it stands in its message */
export const labelOfCode = (code: string) => (CODES.has(code) ? code : OTHER);

function added<K, V>(map: Map<K, V>, key: K, value: V): V {
  map.set(key, value);
  return value;
}
