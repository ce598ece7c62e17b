/**
 * One change of a host at a time. The lock is a container that never runs: the engine gives its name to one alone, also when
 * several ask at once from different machines. It says who has it.
 */
import * as z from "zod/mini";
import { jsonIn } from "../kit/json.ts";
import { createContainer, type HostEngine, isTaken, timeOf } from "./host.ts";
import { type Actor, thisMachine } from "./who.ts";

const NAME = "gangway-lock";
const LABEL = "gangway.lock";

/** Hours after which a lock is of somebody who was killed: nothing that holds one waits that long. */
export const LONGEST = 2;

const holder = z.object({
  who: z.string(),
  from: z.string(),
  machine: z.string(),
  pid: z.number(),
  commit: z.optional(z.string()),
  action: z.enum(["deploy", "destroy", "rollback"]),
  stack: z.string(),
  deployment: z.string(),
});

/** Who has a lock, and for what. */
export type Holder = z.infer<typeof holder>;

/** A lock that somebody has. */
export interface Lock extends Holder {
  /** Of its container. */
  readonly id: string;
  /** By the host's clock (ISO 8601, UTC). */
  readonly since: string;
  /** How many minutes it has been held. */
  readonly minutes: number;
  /** Why nobody can still be at work; undefined where somebody may be. */
  readonly abandoned?: string;
}

/** What a person wants to do, for a lock and a record. */
export const holderOf = (actor: Actor, task: Pick<Holder, "action" | "stack" | "deployment">): Holder => ({
  ...actor,
  ...task,
});

/**
 * Takes the lock of a host.
 * @param onAbandoned is told of a lock that was taken away from somebody who was killed
 * @returns its id, for `release`
 * @throws Held that says who has it
 */
export async function takeLock(
  engine: HostEngine,
  mine: Holder,
  onAbandoned: (lock: Lock) => Promise<void>,
): Promise<string> {
  for (;;) {
    const label = `${LABEL}=${JSON.stringify(mine)}`;
    const id = await createContainer(engine, NAME, ["--label", label]).catch((error: Error) => {
      if (!isTaken(error)) throw error;
    });
    if (id !== undefined) return id;
    const lock = await lockOn(engine);
    if (lock === undefined) continue; // it was released just now
    if (lock.abandoned === undefined) throw new Held(lock);
    await releaseLock(engine, lock.id);
    await onAbandoned(lock);
  }
}

/** Somebody else has the lock. */
export class Held extends Error {
  constructor(lock: Lock) {
    super(`${told(lock)}. Wait until that has finished. Only if it was killed: npx gangway unlock ${lock.stack}`);
  }
}

/** Before much work is done for nothing. @throws Held that says who has the lock, unless that is gone */
export async function needsNoLock(engine: HostEngine): Promise<void> {
  const lock = await lockOn(engine);
  if (lock !== undefined && lock.abandoned === undefined) throw new Held(lock);
}

/** Who has the lock of a host; undefined when nobody has. */
export async function lockOn(engine: HostEngine, here: string = thisMachine()): Promise<Lock | undefined> {
  const format = `{{.Id}} {{.Created}} {{index .Config.Labels "${LABEL}"}}`;
  const said = await engine(["inspect", "--type", "container", "--format", format, NAME]).catch((error: Error) => {
    if (!/no such/i.test(error.message)) throw error;
  });
  if (said === undefined) return undefined;
  const [, id = "", since = "", label = ""] = /^(\S+) (\S+) (.*)$/s.exec(said.trim()) ?? [];
  const { data } = holder.safeParse(jsonIn(label));
  if (data === undefined) throw new Error(`the container ${NAME} is not ours: docker rm ${NAME}, if nobody needs it`);
  const minutes = Math.floor(((await timeOf(engine)).getTime() - Date.parse(since)) / 60_000);
  const abandoned = whyAbandoned(data, minutes, here);
  return { ...data, id, since: new Date(since).toISOString(), minutes, ...(abandoned && { abandoned }) };
}

/** Gives the lock back, if it is still the one with this id. */
export async function releaseLock(engine: HostEngine, id: string): Promise<void> {
  await engine(["rm", id]).catch((error: Error) => {
    if (!/no such container/i.test(error.message)) throw error; // somebody has taken it away
  });
}

/** "ada@example.org has been deploying local from laptop since 2026-11-30 17:52 UTC (3 min)". */
export function told({ who, action, stack, from, since, minutes }: Lock): string {
  const doing = { deploy: "deploying", destroy: "destroying", rollback: "rolling back" }[action];
  return `${who} has been ${doing} ${stack} from ${from} since ${since.slice(0, 16).replace("T", " ")} UTC (${minutes} min)`;
}

/** @param here this machine */
export function whyAbandoned({ machine, pid }: Holder, minutes: number, here: string): string | undefined {
  if (machine === here && !isAlive(pid)) return `its process (pid ${pid} on this machine) is gone`;
  return minutes >= LONGEST * 60 ? `it is older than ${LONGEST} hours` : undefined;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // of another user
  }
}
