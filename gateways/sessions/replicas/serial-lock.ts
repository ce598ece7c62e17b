/**
 * Which gateway of a serial service executes its calls: the one that holds a lock on a file of the state folder. The system
 * releases the lock of a process that ends, however it ends, so there is no lease and no clock.
 */
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "./sqlite.ts";
import type { SessionStore } from "./store.ts";

/** Milliseconds between two attempts at the lock while a call waits for it. */
const RETRY_INTERVAL = 20;
/** And while none does: a gateway that is ready takes it before one that is still starting. */
const POLL_INTERVAL = 1_000;

/** SQLite's result code for a lock that somebody else holds (https://www.sqlite.org/rescode.html#busy), in its lower byte. */
const SQLITE_BUSY = 5;

/** What the lock needs to know of its gateway. */
export interface LockOwner {
  readonly store: Pick<SessionStore, "lockHolder" | "setLockHolder">;
  /** Where the other gateways reach this one. */
  readonly address: () => string;
}

/** The right to execute calls, as whoever passes them on sees it. */
export interface ExecutionLock {
  /** Whether this gateway executes. */
  readonly held: boolean;
  /** Takes the lock if it is free. @returns whether this gateway executes */
  take(): Promise<boolean>;
  /** The address of the other gateway that executes, as far as is known; it may be gone. */
  otherHolder(): Promise<string | undefined>;
  /** Resolves when it makes sense to try again. */
  pause(): Promise<void>;
}

/** The right to execute the calls of a serial service. */
export class SerialLock implements ExecutionLock {
  /** Called when this gateway gets the lock, and another may have executed before. */
  onTaken: () => void = () => {};
  readonly #lock: DatabaseSync;
  readonly #owner: LockOwner;
  /** Locks without which this one is not taken. */
  readonly #earlier = new Set<SerialLock>();
  #held = false;
  #released = false;
  #pause: Promise<void> | undefined;
  #poll: NodeJS.Timeout | undefined;

  constructor(file: string, owner: LockOwner) {
    this.#owner = owner;
    this.#lock = openDatabase(file, 0);
    this.#held = this.#tryLock();
  }

  get held(): boolean {
    return this.#held;
  }

  async otherHolder(): Promise<string | undefined> {
    const address = await this.#owner.store.lockHolder();
    return address === this.#owner.address() ? undefined : address;
  }

  /**
   * From now on this lock is only taken where another is held. It is given back if that one is held elsewhere, so this is
   * called before the first call. Locks must not follow each other in a circle.
   */
  follow(earlier: SerialLock): void {
    this.#earlier.add(earlier);
    if (this.#held && !earlier.held) this.#giveBack();
  }

  /** This gateway is ready: it tells the others that it executes, or waits for its turn to. */
  async ready(): Promise<void> {
    if (this.#held) await this.#announce();
    else this.#poll = setInterval(() => void this.take(), POLL_INTERVAL).unref();
  }

  async take(): Promise<boolean> {
    if (this.#held || this.#released || this.#pause !== undefined) return this.#held;
    for (const earlier of this.#earlier) if (!(await earlier.take())) return this.#held;
    if (this.#held || this.#released) return this.#held; // it may have been taken or released meanwhile
    this.#held = this.#tryLock();
    if (!this.#held) return false;
    clearInterval(this.#poll);
    const announced = this.#announce();
    this.onTaken();
    await announced;
    return this.#held; // it may have been released meanwhile
  }

  pause(): Promise<void> {
    this.#pause ??= sleep(RETRY_INTERVAL).finally(() => (this.#pause = undefined));
    return this.#pause;
  }

  /** The last call is over: another gateway may execute, and this one never again. */
  release(): void {
    clearInterval(this.#poll);
    if (this.#held) this.#giveBack();
    this.#released = true;
  }

  close(): void {
    this.release();
    this.#lock.close();
  }

  #giveBack(): void {
    this.#lock.exec("ROLLBACK");
    this.#held = false;
  }

  #announce(): Promise<void> {
    return this.#owner.store.setLockHolder(this.#owner.address());
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
