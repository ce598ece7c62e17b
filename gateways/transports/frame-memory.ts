/**
 * Counts what a WebSocket client has sent of a message that is not whole yet: the library keeps it until then. A whole one is
 * looked at at once, and counted by whoever keeps it. Where there is no memory, nothing more is read for a while.
 */
import type { WebSocket } from "ws";
import type { AdmittedExchange } from "./exchange.ts";
import { FrameProgress } from "./frame-progress.ts";
import { UNCOUNTED } from "./outflow.ts";

/** What the library keeps for each frame of a message, and for each piece that has come, besides the bytes. */
const FRAME_BYTES = 128;
const PIECE_BYTES = 256;

/** Milliseconds between two looks whether there is memory again, and how often that is looked. */
const PAUSE = 50;
const LOOKS = 100;

/** The memory of one connection's incoming frames. */
export class FrameMemory {
  readonly #socket: WebSocket;
  readonly #exchange: AdmittedExchange;
  readonly #full: () => void;
  readonly #coming = new FrameProgress();
  #counted = 0;
  #looks = 0;

  /** @param full called when there is no memory for what comes, and has not been for a while */
  constructor(socket: WebSocket, exchange: AdmittedExchange, full: () => void) {
    this.#socket = socket;
    this.#exchange = exchange;
    this.#full = full;
    // After the library, which has passed on what is whole.
    exchange.req.socket.on("data", (chunk: Buffer) => this.#came(chunk));
  }

  /** A message is whole: whoever keeps it counts it. */
  complete(): void {
    this.#exchange.memory.give(this.#counted);
    this.#counted = 0;
  }

  #came(chunk: Buffer): void {
    this.#coming.read(chunk);
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
    const { bytes, frames, pieces } = this.#coming;
    const kept = Math.max(0, bytes + frames * FRAME_BYTES + pieces * PIECE_BYTES - UNCOUNTED);
    const more = kept - this.#counted;
    if (more > 0 && !this.#exchange.memory.tryTake(more)) return false;
    if (more < 0) this.#exchange.memory.give(-more);
    this.#counted = kept;
    return true;
  }
}
