/**
 * Counts what a WebSocket client sends before it is a whole message: the library keeps it until then. A whole one is looked
 * at at once, and counted by whoever keeps it. Where there is no memory, nothing more is read for a while.
 */
import type { WebSocket } from "ws";
import type { AdmittedExchange } from "./exchange.ts";
import { UNCOUNTED } from "./outflow.ts";

/** Bytes of the head of the shortest frame that a client sends (RFC 6455, section 5.2). */
const LEAST_HEAD = 6;

/** Milliseconds between two looks whether there is memory again, and how often that is looked. */
const PAUSE = 50;
const LOOKS = 100;

/** The memory of one connection's incoming frames. */
export class FrameMemory {
  readonly #socket: WebSocket;
  readonly #exchange: AdmittedExchange;
  readonly #full: () => void;
  /** Bytes that have come and are no whole message yet. */
  #coming = 0;
  /** Bytes of what came last. */
  #last = 0;
  #counted = 0;
  #looks = 0;

  /** @param full called when there is no memory for what comes, and has not been for a while */
  constructor(socket: WebSocket, exchange: AdmittedExchange, full: () => void) {
    this.#socket = socket;
    this.#exchange = exchange;
    this.#full = full;
    // Before the library, which may find a message in it.
    exchange.req.socket.prependListener("data", (chunk: Buffer) => this.#came(chunk.length));
  }

  /** What came is a message, or what the protocol sends between messages. @param length bytes of its content */
  complete(length: number): void {
    // What follows came at the same time. The heads of frames are not known here.
    this.#coming = Math.max(0, Math.min(this.#coming - length - LEAST_HEAD, this.#last));
    this.#count();
  }

  #came(bytes: number): void {
    this.#last = bytes;
    this.#coming += bytes;
    if (!this.#count() && this.#looks === 0) this.#wait();
  }

  #wait(): void {
    this.#socket.pause();
    if (++this.#looks > LOOKS) return this.#full();
    setTimeout(() => this.#look(), PAUSE).unref();
  }

  #look(): void {
    if (this.#exchange.gone) return;
    if (!this.#count()) return this.#wait();
    this.#looks = 0;
    this.#socket.resume();
  }

  /** @returns false when there is no memory */
  #count(): boolean {
    const kept = Math.max(0, this.#coming - UNCOUNTED);
    const more = kept - this.#counted;
    if (more > 0 && !this.#exchange.memory.tryTake(more)) return false;
    if (more < 0) this.#exchange.memory.give(-more);
    this.#counted = kept;
    return true;
  }
}
