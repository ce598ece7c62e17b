/** Does something to a host: alone, with a record of it in the host's history, and with a notification at its end. */
import { tell } from "../kit/print.ts";
import type { HostEngine } from "./host.ts";
import { Held, type Holder, holderOf, type Lock, releaseLock, takeLock, told } from "./lock.ts";
import type { Notify } from "./notify.ts";
import { type Entry, keepRecord } from "./records.ts";
import { type Actor, thisActor } from "./who.ts";

/** What is about to be done. */
export interface Task<Action extends Entry["action"] = Holder["action"]> {
  readonly action: Action;
  readonly stack: string;
  readonly deployment: string;
  readonly changes?: Entry["changes"];
  /** @default - none */
  readonly services?: Entry["services"];
}

/** Where it is done, and who hears of it. */
export interface Place {
  /** @default - the host is not there yet, so nobody else can be at work on it */
  readonly host: HostEngine | undefined;
  /** The host as it is afterwards; none when it was removed. @default - `host` */
  readonly after?: () => Promise<HostEngine | undefined>;
  /** Whether the work may be what brings back a host that does not answer: it is done without a lock then. @default false */
  readonly mayBeGone?: boolean;
  /** @default - nobody */
  readonly notify?: Notify | undefined;
}

/** Thrown by work that a person has stopped. */
export class Interrupted extends Error {}

/**
 * Takes the lock of the host, does the work, writes the record, gives the lock back and notifies.
 * @throws Error of somebody who has the lock, or that of the work
 */
export async function onRecord(
  task: Task,
  { host, after = async () => host, mayBeGone = false, notify }: Place,
  work: () => Promise<void>,
): Promise<void> {
  const actor = await thisActor();
  const lock = host && (await lockFor(task, host, actor, mayBeGone));
  const since = performance.now();
  for (const signal of SIGNALS) process.on(signal, stay);
  try {
    const error = await work().then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    const entry = entryOf(task, actor, error, Math.round((performance.now() - since) / 1_000));
    const left = await after().catch(() => host);
    if (left !== undefined) await keep(left, entry);
    if (left !== undefined && host && lock !== undefined) await release(host, lock);
    await notify?.(entry);
    if (error !== undefined) throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, stay);
  }
}

async function lockFor(task: Task, host: HostEngine, actor: Actor, mayBeGone: boolean): Promise<string | undefined> {
  try {
    return await takeLock(host, holderOf(actor, task), (found) => keepKilled(host, found, actor));
  } catch (error) {
    if (!mayBeGone || error instanceof Held) throw error;
    tell(`  the host does not answer, so it has no lock meanwhile: ${firstLine((error as Error).message)}`);
    return undefined;
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Terraform is interrupted by whoever runs it. We stay until the lock is given back, which takes seconds. */
const stay = () => {};

/** Writes down what is done in an instant, and needs no lock. */
export async function note(task: Task<Entry["action"]>, host: HostEngine): Promise<void> {
  await keep(host, entryOf(task, await thisActor()));
}

function entryOf(task: Task<Entry["action"]>, actor: Actor, error?: Error, seconds?: number): Entry {
  const { action, stack, deployment, changes, services = {} } = task;
  const { who, from, commit } = actor;
  const result = error === undefined ? "ok" : error instanceof Interrupted ? "interrupted" : "failed";
  return {
    action,
    stack,
    deployment,
    who,
    from,
    ...(commit !== undefined && { commit }),
    ...(changes !== undefined && { changes }),
    services,
    result,
    ...(error !== undefined && { reason: firstLine(error.message) }),
    ...(seconds !== undefined && { seconds }),
  };
}

const firstLine = (text: string) => text.split("\n", 1)[0]!.slice(0, 300);

/** A history that cannot be written is no reason to call a deploy failed. */
const keep = (host: HostEngine, entry: Entry): Promise<void> =>
  keepRecord(host, entry).catch((error: Error) => tell(`  the history on the host was not written: ${error.message}`));

const release = (host: HostEngine, lock: string): Promise<void> =>
  releaseLock(host, lock).catch((error: Error) => tell(`  the lock of the host was not given back: ${error.message}`));

/** What somebody began and did not end is written down by whoever finds it. */
async function keepKilled(host: HostEngine, lock: Lock, actor: Actor): Promise<void> {
  tell(`  ${told(lock)}, but ${lock.abandoned}: its lock is taken over`);
  await keep(host, killedEntry(lock, `${lock.abandoned}; found by ${actor.who}`));
}

/** The record of what held a lock and never ended. */
export function killedEntry({ action, stack, deployment, who, from, commit }: Lock, reason: string): Entry {
  const known = { action, stack, deployment, who, from, ...(commit !== undefined && { commit }) };
  return { ...known, services: {}, result: "killed", reason };
}
