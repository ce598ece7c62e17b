/** One client's calls to a server that it shares, in turn where the server takes one at a time. Knows nothing of HTTP. */
import type { Caller, Settled } from "../../bridge/connection.ts";
import type { SerialQueue } from "../../bridge/serial-queue.ts";
import { GatewayError, toGatewayError } from "../../errors.ts";
import type { Message } from "../../jsonrpc.ts";
import type { Supervisor } from "./supervisor.ts";

/** Calls of one client that may wait for their turn at a serial server. */
const MAX_WAITING = 100;
/** Bytes of them. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** What reads nothing that a call could be changing, so need not wait its turn. */
const NEVER_SERIAL = /^ping$|\/(list|listen|discover|subscribe|unsubscribe)$/;

/** The calls of one client to a server that it shares. */
export class SharedCalls {
  readonly #server: Supervisor<unknown>;
  readonly #queue: SerialQueue | undefined;
  /** Callers that wait for their turn at a serial server, or for its answer. */
  readonly #inTurn = new Set<Caller>();
  /** The one of them whose turn it is. */
  #running: Caller | undefined;
  /** Bytes of the calls that wait for their turn, or run in it. */
  #waitingBytes = 0;
  /** Callers that wait for the server to start. */
  readonly #waiting = new Set<Caller>();

  /** @param queue where calls wait for those of other clients, when the server takes one at a time */
  constructor(server: Supervisor<unknown>, queue: SerialQueue | undefined) {
    this.#server = server;
    this.#queue = queue;
  }

  call(message: Message, caller: Caller, settled: Settled): void {
    if (this.#queue && !NEVER_SERIAL.test(message.method)) this.#callInTurn(message, caller, settled, this.#queue);
    else this.#callNow(message, caller, settled);
  }

  cancel(caller: Caller, reason: GatewayError): void {
    if (this.#inTurn.delete(caller) || this.#waiting.delete(caller)) caller.fail(reason);
    else this.#server.running?.connection.cancel(caller, reason);
  }

  /** The client has gone: what waits never runs. */
  close(reason: GatewayError): void {
    const mayHaveRun = new GatewayError("call-ended", { reason: "its session ended" });
    for (const caller of [...this.#inTurn, ...this.#waiting]) {
      this.cancel(caller, caller === this.#running ? mayHaveRun : reason);
    }
  }

  #callNow(message: Message, caller: Caller, settled: Settled): void {
    const { running } = this.#server;
    if (running) return running.connection.call(message, caller, settled);
    this.#waiting.add(caller);
    void this.#callWhenUp(message, caller, settled, () => this.#waiting.delete(caller));
  }

  /** @param wanted whether the caller still waits when the server is up: what was taken back never runs */
  async #callWhenUp(message: Message, caller: Caller, settled: Settled, wanted: () => boolean): Promise<void> {
    try {
      const { connection } = await this.#server.up();
      if (wanted()) connection.call(message, caller, settled);
      else settled();
    } catch (error) {
      settled();
      if (wanted()) caller.fail(toGatewayError(error));
    }
  }

  /**
   * A cancelled call keeps its turn until the server has answered it: it may be writing, and nothing tells when it stops.
   * So its caller is answered at once, and only the answer is dropped. One that does not end in time ends the server.
   */
  #callInTurn(message: Message, caller: Caller, settled: Settled, queue: SerialQueue): void {
    const { service } = this.#server.options;
    const size = message.text.length;
    if (this.#inTurn.size >= MAX_WAITING || this.#waitingBytes + size > MAX_WAITING_BYTES) {
      settled();
      return caller.fail(new GatewayError("too-many-calls", { service, limit: MAX_WAITING }));
    }
    const inTurn = this.#inTurn.add(caller);
    this.#waitingBytes += size;
    const unlessCancelled: Caller = {
      answer: (text, isResult) => void (inTurn.delete(caller) && caller.answer(text, isResult)),
      message: (text) => void (inTurn.has(caller) && caller.message(text)),
      fail: (error) => {
        // It may still be running: only a new server surely runs one at a time.
        if (error.name === "request-timeout") this.#server.restart("a call did not end in time");
        if (inTurn.delete(caller)) caller.fail(error);
      },
    };
    queue.add((done) => {
      const over: Settled = (answered) => {
        this.#waitingBytes -= size;
        this.#running = undefined;
        settled(answered);
        done();
      };
      this.#running = caller;
      void this.#callWhenUp(message, unlessCancelled, over, () => inTurn.has(caller));
    });
  }
}
