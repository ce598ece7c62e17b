/** A try of a tool: a call like any other, made by the page on behalf of its visitor. */
import { LATEST_MODERN, META } from "../bridge/versions.ts";
import { readClientMessage } from "../client-message.ts";
import { GatewayError } from "../errors.ts";
import { decode, encode, errorAnswer, find, member, stringIn, type Message } from "../jsonrpc.ts";
import type { Principal } from "../principal.ts";
import type { Served } from "../served.ts";
import type { ModernReplier } from "../transports/modern-requests.ts";
import type { AuditedCall } from "../transports/call-audit.ts";
import { readJson } from "../transports/body.ts";
import type { AdmittedExchange } from "../transports/exchange.ts";
import { VERSION } from "../version.ts";
import type { CallReport } from "./status.ts";
import { redactedJson } from "./told-json.ts";

/** Seconds that a person waits, and the most bytes of an answer that the page can show. */
const SECONDS = 120;
const MOST_BYTES = 2 * 1024 * 1024;

/** What the page calls, as it was posted. */
export interface Wanted {
  readonly service: string;
  readonly tool: string;
  /** JSON, one character a byte: numbers stay as they were written. */
  readonly arguments: string;
}

/** @throws GatewayError `parse-error`, `too-deep`, `invalid-params` */
export function readWanted(bytes: Buffer): Wanted {
  const body = readJson(bytes);
  const [service, tool] = ["service", "tool"].map((key) => stringIn(body, 0, key));
  const given = find(body, 0, "arguments");
  if (service === undefined || tool === undefined)
    throw new GatewayError("invalid-params", { detail: "service and tool must be strings" });
  return { service, tool, arguments: given === undefined ? "{}" : body.slice(given.start, given.end) };
}

/**
 * Calls a tool through everything that a client's call passes: limits, the tools that are offered, the audit, isolation.
 * @throws GatewayError for a call that is not passed on
 */
export async function tryTool(
  wanted: Wanted,
  served: Served,
  { exchange, principal }: { readonly exchange: AdmittedExchange; readonly principal: Principal },
): Promise<CallReport> {
  served.limits.admitRequest(exchange.client, principal.id, "call");
  await requireLock(served);
  const message = requestFor(wanted);
  const call = served.calls.begin(message, { principal, session: undefined });
  const started = performance.now();
  const response = await answerTo(message, served, { exchange, principal, call });
  const milliseconds = Math.round((performance.now() - started) * 10) / 10;
  return { request: decode(message.text, { start: 0, end: message.text.length }), response, milliseconds };
}

/** Calls of a serial service run at one gateway alone, and the page forwards none. @throws GatewayError `owner-silent` */
async function requireLock({ service }: Served): Promise<void> {
  const lock = service.replica?.serialLock;
  if (lock && !lock.held && !(await lock.take())) throw new GatewayError("owner-silent");
}

/** It says that its client can answer nothing, so that no server asks. @throws GatewayError `invalid-params` */
function requestFor({ tool, arguments: given }: Wanted): Message {
  const meta = {
    [META.version]: LATEST_MODERN,
    [META.capabilities]: {},
    [META.client]: { name: "gangway-page", version: VERSION },
  };
  const params = [member("name", encode(tool)), member("arguments", given), member("_meta", encode(meta))];
  return readClientMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${params.join(",")}}}`);
}

interface Trying {
  readonly exchange: AdmittedExchange;
  readonly principal: Principal;
  readonly call: AuditedCall | undefined;
}

/** The answer to a call, or the error in its place, as it can be shown. */
function answerTo(message: Message, { modern, service }: Served, trying: Trying): Promise<unknown> {
  return new Promise((resolve) => {
    const reply = new PageReply(trying, (text) => {
      clearTimeout(timer);
      resolve(redactedJson(decode(text, { start: 0, end: text.length })));
    });
    const { cancel } = modern.pass(message, reply, undefined);
    const timer = setTimeout(() => {
      reply.fail(new GatewayError("page-waits-no-longer", { service: service.name, seconds: SECONDS }));
      cancel();
    }, SECONDS * 1_000);
    trying.exchange.onceGone(cancel);
  });
}

/** Waits for the answer. */
class PageReply implements ModernReplier {
  readonly principal: Principal;
  readonly address: string;
  readonly logLevel = undefined;
  readonly memory: AdmittedExchange["share"];
  readonly held: AdmittedExchange["memory"];
  readonly #call: AuditedCall | undefined;
  readonly #answered: (text: string) => void;
  #over = false;

  constructor({ exchange, principal, call }: Trying, answered: (text: string) => void) {
    this.principal = principal;
    this.address = exchange.address;
    this.memory = exchange.share;
    this.held = exchange.memory;
    this.#call = call;
    this.#answered = answered;
  }

  get over(): boolean {
    return this.#over;
  }

  answer(text: string, received?: Message): void {
    this.#call?.answered(text, received);
    this.#end(shownAnswer(text));
  }

  /** Progress and log messages: the page shows the answer alone. */
  message(): void {}

  fail(error: GatewayError): void {
    this.#call?.failed(error);
    this.#end(errorFor(error));
  }

  #end(text: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#answered(text);
  }
}

const errorFor = ({ name, modernCode, message, data }: GatewayError) =>
  errorAnswer("1", modernCode, message, { error: name, ...data });

/** An answer, or why it cannot be shown. */
function shownAnswer(text: string): string {
  if (text.length > MOST_BYTES)
    return errorFor(new GatewayError("too-long-to-show", { bytes: text.length, limit: MOST_BYTES }));
  const isQuestion = stringIn(text, 0, "result", "resultType") === "input_required";
  return isQuestion ? errorFor(new GatewayError("page-gives-no-input")) : text;
}
