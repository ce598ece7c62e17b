/**
 * A legacy client's call to a modern server that may require input: the gateway requests it from the client, and sends the
 * call again with the answers (MCP 2026-07-28, Multi Round-Trip Requests).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Caller, Settled } from "../../../bridge/connection.ts";
import { GatewayError, toGatewayError } from "../../../errors.ts";
import {
  decode,
  find,
  member,
  readMessage,
  withMembers,
  withoutMembers,
  written,
  type Message,
  type Span,
} from "../../../jsonrpc.ts";

/** What a call over several rounds needs. */
export interface InputRoundsParts {
  readonly service: string;
  /** Sends the call, once per round. */
  send(request: Message, caller: Caller): void;
  /** Requests input from the client. Resolves with its result, as it stands in the answer. @throws GatewayError */
  ask(method: string, params: string, signal: AbortSignal): Promise<string>;
  /** Called once, when the call is over, with the answer if it got one. */
  readonly settled: Settled;
}

interface InputRequest {
  readonly method?: unknown;
}

/** What the gateway writes into each round, so the client's own are left out. */
const ROUND: ReadonlySet<string> = new Set(["inputResponses", "requestState"]);
const MAX_ROUNDS = 20;
/** Milliseconds before a server that required no input is called again, times the number of the round. */
const RETRY_DELAY = 50;

/** Waits for the answer to a call, over as many rounds as it takes. */
export class InputRounds implements Caller {
  readonly #request: Message;
  readonly #caller: Caller;
  readonly #parts: InputRoundsParts;
  #rounds = 0;
  readonly #over = new AbortController();

  constructor(request: Message, caller: Caller, parts: InputRoundsParts) {
    this.#request = request;
    this.#caller = caller;
    this.#parts = parts;
  }

  start(): void {
    this.#parts.send(this.#request, this);
  }

  answer(text: string): void {
    if (written(text, 0, "result", "resultType") === '"input_required"') void this.#nextRound(text);
    else this.#end(() => this.#caller.answer(text), text);
  }

  message(text: string): void {
    if (!this.#isOver) this.#caller.message(text);
  }

  fail(error: GatewayError): void {
    this.#end(() => this.#caller.fail(error));
  }

  async #nextRound(text: string): Promise<void> {
    try {
      if (++this.#rounds > MAX_ROUNDS) throw new GatewayError("too-many-input-rounds", { limit: MAX_ROUNDS });
      const state = written(text, 0, "result", "requestState");
      const responses = await this.#askAll(text);
      if (responses === "{}") await this.#pause(state);
      const { text: first, params } = this.#request;
      const added = [
        member("inputResponses", responses),
        ...(state === undefined ? [] : [member("requestState", state)]),
      ];
      if (!this.#isOver)
        this.#parts.send(
          readMessage(withMembers(withoutMembers(first, params, ROUND), params, ...added)) as Message,
          this,
        );
    } catch (error) {
      this.fail(toGatewayError(error));
    }
  }

  /** A server that requires no input has more to do, and reports its state (MCP 2026-07-28, "InputRequiredResult"). */
  async #pause(state: string | undefined): Promise<void> {
    if (state === undefined) throw new GatewayError("bad-answer", { service: this.#parts.service });
    await sleep(RETRY_DELAY * this.#rounds);
  }

  /** @returns the client's answers by the server's keys, as JSON */
  async #askAll(text: string): Promise<string> {
    const requests = find(text, 0, "result", "inputRequests");
    const asked = requests ? this.#read(text, requests) : {};
    const answers = Object.entries(asked).map(async ([key, request]) => {
      const method = (request as InputRequest | null)?.method;
      const params = written(text, requests!.start, key, "params") ?? "{}"; // as it stands: numbers may be long
      return member(key, await this.#parts.ask(String(method), params, this.#over.signal));
    });
    return `{${(await Promise.all(answers)).join(",")}}`;
  }

  #read(text: string, requests: Span): object {
    try {
      const asked = decode(text, requests);
      if (typeof asked === "object" && asked !== null) return asked;
    } catch {} // invalid JSON inside: only the envelope has been read so far
    throw new GatewayError("bad-answer", { service: this.#parts.service });
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  #end(tell: () => void, answered?: string): void {
    if (this.#isOver) return;
    this.#over.abort();
    tell();
    this.#parts.settled(answered);
  }
}
