/**
 * The serial locks of a group's members: the calls of a serial member run at one gateway alone, so a group that has one runs
 * where its lock is held, and the other gateways forward what they get for the group. Each lock is taken only where the one
 * before it is held, or gateways that start at once could each get some of them, and none could run the group.
 */
import type { ExecutionLock, SerialLock } from "../replicas/serial-lock.ts";

/** The locks of all serial members of a group, as one. */
export class GroupLock implements ExecutionLock {
  readonly #name: string;
  readonly #locks: readonly SerialLock[];

  /**
   * @param name the group's, by which the other gateways of the hub reach it too
   * @param locks by member; members have the same order in all groups: that of their names
   */
  constructor(name: string, locks: ReadonlyMap<string, SerialLock>) {
    this.#name = name;
    this.#locks = [...locks].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, lock]) => lock);
    for (const [index, lock] of this.#locks.slice(1).entries()) lock.follow(this.#locks[index]!);
  }

  get held(): boolean {
    return this.#locks.every(({ held }) => held);
  }

  async take(): Promise<boolean> {
    for (const lock of this.#locks) await lock.take();
    return this.held;
  }

  async otherHolder(): Promise<string | undefined> {
    const holder = await this.#locks.find(({ held }) => !held)?.otherHolder();
    return holder?.replace(/\/.*$/, `/${this.#name}`);
  }

  pause(): Promise<void> {
    return this.#locks[0]!.pause();
  }
}
