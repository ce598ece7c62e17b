/** One client's calls to a server that it shares, in turn where the server takes one at a time. */
import type { Caller, Settled } from "../../bridge/connection.ts";
import type { SerialQueue } from "../../bridge/serial-queue.ts";
import { GatewayError } from "../../errors.ts";
import type { Message } from "../../jsonrpc.ts";
import type { Supervisor } from "./supervisor.ts";
import { WaitingCalls } from "./waiting-calls.ts";

/** How many calls of one client may wait for their turn at a serial server. */
const MAX_WAITING = 100;
/** And how many bytes they may hold. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** Methods that read nothing a call could be changing, so they need not wait their turn. */
const NEVER_SERIAL = /^ping$|\/(list|listen|discover|subscribe|unsubscribe)$/;

/** The calls of one client to a server that it shares. */
export class SharedCalls {
  readonly #supervisor: Supervisor<unknown>;
  readonly #queue: SerialQueue | undefined;
  /** Callers that wait for their turn at a serial server, or for its answer. */
  readonly #inTurn = new Set<Caller>();
  /** The one of them whose turn it is. */
  #running: Caller | undefined;
  /** Bytes of the calls that wait for their turn, or run in it. */
  #waitingBytes = 0;
  /** Callers that wait for the server to start. */
  readonly #waiting = new WaitingCalls<Caller>();

  /** @param queue where calls wait for those of other clients, when the server takes one at a time */
  constructor(supervisor: Supervisor<unknown>, queue: SerialQueue | undefined) {
    this.#supervisor = supervisor;
    this.#queue = queue;
  }

  call(message: Message, caller: Caller, settled: Settled): void {
    if (this.#queue && !NEVER_SERIAL.test(message.method)) this.#callInTurn(message, caller, settled, this.#queue);
    else this.#callNow(message, caller, settled);
  }

  cancel(caller: Caller, reason: GatewayError): void {
    if (this.#inTurn.delete(caller)) caller.fail(reason);
    else if (!this.#waiting.cancel(caller, reason)) this.#supervisor.cancel(caller, reason);
  }

  /** The client has gone: calls that wait never run. */
  close(reason: GatewayError): void {
    const mayHaveRun = new GatewayError("call-ended", { reason: "its session ended" });
    for (const caller of this.#inTurn) this.cancel(caller, caller === this.#running ? mayHaveRun : reason);
    this.#waiting.cancelAll(reason);
  }

  #callNow(message: Message, caller: Caller, settled: Settled): void {
    const { running } = this.#supervisor;
    if (running) running.connection.call(message, caller, settled);
    else this.#callWhenUp(message, caller, settled);
  }

  /** A function of its own: its closures would cost every call something, also those that need not wait. */
  #callWhenUp(message: Message, caller: Caller, settled: Settled): void {
    void this.#waiting.add(caller, this.#supervisor.up(), {
      bytes: message.text.length,
      starts: { service: this.#supervisor.options.service, call: message },
      run: ({ connection }) => connection.call(message, caller, settled),
      skipped: settled,
    });
  }

  /**
   * A cancelled call keeps its turn until the server has answered it, because the server may still be writing and does not
   * say when it stops. Its caller is answered at once, and only the answer is dropped. A call that does not end in time
   * restarts the server.
   */
  #callInTurn(message: Message, caller: Caller, settled: Settled, queue: SerialQueue): void {
    const { service } = this.#supervisor.options;
    const size = message.text.length;
    if (this.#inTurn.size >= MAX_WAITING || this.#waitingBytes + size > MAX_WAITING_BYTES) {
      settled();
      return caller.fail(new GatewayError("too-many-calls", { service, limit: MAX_WAITING }));
    }
    if (caller.memory?.tryTake(size) === false) {
      settled();
      return caller.fail(caller.memory.refusal("memory-exhausted", size));
    }
    this.#inTurn.add(caller);
    this.#waitingBytes += size;
    const unlessCancelled = this.#unlessCancelled(caller);
    queue.add((done) => {
      const over: Settled = (answered) => {
        this.#waitingBytes -= size;
        caller.memory?.give(size);
        this.#running = undefined;
        settled(answered);
        done();
      };
      this.#running = caller;
      void this.#waiting.add(unlessCancelled, this.#supervisor.up(), {
        bytes: 0, // counted since it began to wait for its turn
        starts: { service, call: message },
        run: ({ connection }) => (this.#inTurn.has(caller) ? connection.call(message, unlessCancelled, over) : over()),
        skipped: over,
      });
    });
  }

  #unlessCancelled(caller: Caller): Caller {
    const inTurn = this.#inTurn;
    return {
      answer: (...answer) => void (inTurn.delete(caller) && caller.answer(...answer)),
      message: (text) => void (inTurn.has(caller) && caller.message(text)),
      fail: (error) => {
        // The call may still be running: only a new server is sure to run one at a time.
        if (error.name === "request-timeout") this.#supervisor.restart("a call did not end in time");
        if (inTurn.delete(caller)) caller.fail(error);
      },
    };
  }
}
