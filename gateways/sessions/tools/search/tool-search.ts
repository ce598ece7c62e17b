/**
 * `discovery: "search"`: three tools in place of all, so that a server with hundreds of them costs a model a kilobyte. It
 * stands where sessions and modern requests reach the service, so what kind of server answers does not matter.
 */
import type { Caller, Settled } from "../../../bridge/connection.ts";
import { GatewayError, toGatewayError } from "../../../errors.ts";
import { encode, type Message } from "../../../jsonrpc.ts";
import type { Lane, LaneCaller, ModernCaller, ModernEndpoint } from "../../servers/contract.ts";
import { modernAnswer } from "../../translation/messages.ts";
import { Reading, type Behind } from "./reading.ts";
import {
  answerWith,
  CALL,
  calledIn,
  DESCRIBE,
  describeTool,
  FIND,
  findTools,
  innerCall,
  mistake,
  THREE_TOOLS,
} from "./three-tools.ts";

/** Characters of an unknown name that are repeated. */
const LONGEST_REPEATED = 100;

/** A session's way to the server, with three tools in place of all. */
export class SearchLane implements Lane {
  readonly #lane: Lane;
  readonly #search: ToolSearch<LaneCaller>;

  constructor(lane: Lane) {
    this.#lane = lane;
    this.#search = new ToolSearch<LaneCaller>({
      call: (message, caller, settled) => lane.call(message, caller, settled),
      cancel: (caller, reason) => lane.cancel(caller, reason),
      onBehalfOf: ({ memory, principal }) => ({ ...(memory && { memory }), principal }),
      answer: (text) => text,
    });
  }

  open(): Promise<string> {
    return this.#lane.open();
  }

  restore(): void {
    this.#lane.restore();
  }

  call(message: Message, caller: LaneCaller, settled: Settled): void {
    this.#search.call(message, caller, settled);
  }

  /** Some servers run a call without an id, too: no tool is called past the three. */
  tell(message: Message): void {
    if (message.method !== "tools/call") this.#lane.tell(message);
  }

  cancel(caller: LaneCaller, reason: GatewayError): void {
    this.#search.cancel(caller, reason);
  }

  close(reason: GatewayError): Promise<void> {
    return this.#lane.close(reason);
  }
}

/** The same for modern requests. */
export class SearchEndpoint implements ModernEndpoint {
  readonly #endpoint: ModernEndpoint;
  readonly #search: ToolSearch<ModernCaller>;

  constructor(endpoint: ModernEndpoint) {
    this.#endpoint = endpoint;
    this.#search = new ToolSearch<ModernCaller>({
      call: (message, caller) => endpoint.call(message, caller),
      cancel: (caller, reason) => endpoint.cancel(caller, reason),
      onBehalfOf: ({ memory, principal, address }) => ({
        ...(memory && { memory }),
        principal,
        address,
        logLevel: undefined,
      }),
      answer: (text, { method }) => modernAnswer(text, method, undefined),
    });
  }

  get openCalls(): number {
    return this.#endpoint.openCalls;
  }

  call(request: Message, caller: ModernCaller): void {
    this.#search.call(request, caller, () => {});
  }

  cancel(caller: ModernCaller, reason: GatewayError): void {
    this.#search.cancel(caller, reason);
  }

  stop(): Promise<void> {
    return this.#endpoint.stop();
  }
}

/** What the three tools do, in either era. @typeParam Of who calls */
class ToolSearch<Of extends Caller> {
  readonly #behind: Behind<Of>;
  /** Calls that read the list of tools. All others are the server's. */
  readonly #readings = new Map<Of, Reading<Of>>();

  constructor(behind: Behind<Of>) {
    this.#behind = behind;
  }

  call(message: Message, caller: Of, settled: Settled): void {
    if (message.method === "tools/call") return this.#callTool(message, caller, settled);
    if (message.method !== "tools/list") return this.#behind.call(message, caller, settled);
    this.#answer(message, caller, settled, { tools: THREE_TOOLS });
  }

  cancel(caller: Of, reason: GatewayError): void {
    const reading = this.#readings.get(caller);
    if (reading) reading.cancel(reason);
    else this.#behind.cancel(caller, reason);
  }

  #callTool(message: Message, caller: Of, settled: Settled): void {
    const tool = calledIn(message);
    if (tool === CALL) return this.#callInner(message, caller, settled);
    if (tool === FIND) return void this.#read(message, caller, settled, findTools);
    if (tool === DESCRIBE) return void this.#read(message, caller, settled, describeTool);
    settled();
    caller.fail(new GatewayError("found-by-search", { tool: encode((tool ?? "").slice(0, LONGEST_REPEATED)) }));
  }

  /** The caller stays the same, so whatever comes of the call reaches it as of any other. */
  #callInner(message: Message, caller: Of, settled: Settled): void {
    const inner = innerCall(message);
    if (typeof inner === "string") this.#answer(message, caller, settled, mistake(inner));
    else this.#behind.call(inner, caller, settled);
  }

  async #read(message: Message, caller: Of, settled: Settled, answerOf: typeof findTools): Promise<void> {
    const reading = new Reading(message, caller, this.#behind);
    this.#readings.set(caller, reading);
    try {
      const result = await answerOf(message, (cursor) => reading.page(cursor));
      reading.throwIfCancelled();
      this.#readings.delete(caller);
      this.#answer(message, caller, settled, result);
    } catch (thrown) {
      this.#readings.delete(caller);
      settled();
      caller.fail(toGatewayError(thrown));
    }
  }

  #answer(message: Message, caller: Of, settled: Settled, result: object): void {
    settled();
    caller.answer(this.#behind.answer(answerWith(message.id as string, result), message));
  }
}
