/**
 * Which gateway of a serial service executes its calls: the one that holds a lock on a file of the state folder. The system
 * takes the lock from a process that ends, however it ends: no lease, no clock. Knows nothing of HTTP.
 */
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import type { Replica } from "./replica.ts";
import { openDatabase } from "./sqlite.ts";

/** Milliseconds between two tries to get the lock while a call waits for it. */
const PAUSE = 20;
/** And while none does: who is ready takes it before one that is only being started does. */
const LEISURE = 1_000;

/** SQLite's result code for a lock that another has (https://www.sqlite.org/rescode.html#busy); its lower byte counts. */
const SQLITE_BUSY = 5;

/** The right to execute the calls of a serial service. */
export class SerialLock {
  /** Called when this gateway gets the lock, and another may have executed before. */
  onTaken: () => void = () => {};
  readonly #lock: DatabaseSync;
  readonly #replica: Replica;
  #held = false;
  #released = false;
  #pause: Promise<void> | undefined;
  #poll: NodeJS.Timeout | undefined;

  constructor(file: string, replica: Replica) {
    this.#replica = replica;
    this.#lock = openDatabase(file, 0);
    this.#held = this.#tryLock();
  }

  /** Whether this gateway executes. */
  get held(): boolean {
    return this.#held;
  }

  /** The other gateway that executes, as far as anybody said; it may be gone. */
  get other(): string | undefined {
    const address = this.#replica.store?.serialLock;
    return address === this.#replica.address ? undefined : address;
  }

  /** This gateway is ready: tells the others where it executes, or waits for its turn to. */
  ready(): void {
    if (this.#held) this.#announce();
    else this.#poll = setInterval(() => this.take(), LEISURE).unref();
  }

  /** Becomes the one that executes, if nobody else is. @returns whether this gateway executes */
  take(): boolean {
    if (this.#held || this.#released || this.#pause !== undefined) return this.#held;
    this.#held = this.#tryLock();
    if (!this.#held) return false;
    clearInterval(this.#poll);
    this.#announce();
    this.onTaken();
    return true;
  }

  /** Resolves when it makes sense to try again. */
  pause(): Promise<void> {
    this.#pause ??= sleep(PAUSE).finally(() => (this.#pause = undefined));
    return this.#pause;
  }

  /** The last call is over: another gateway may execute, and this one never again. */
  release(): void {
    clearInterval(this.#poll);
    if (this.#held) this.#lock.exec("ROLLBACK");
    this.#held = false;
    this.#released = true;
  }

  close(): void {
    this.release();
    this.#lock.close();
  }

  #announce(): void {
    if (this.#replica.store) this.#replica.store.serialLock = this.#replica.address;
  }

  #tryLock(): boolean {
    try {
      this.#lock.exec("BEGIN EXCLUSIVE");
      return true;
    } catch (error) {
      if (((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY) return false;
      throw error;
    }
  }
}
