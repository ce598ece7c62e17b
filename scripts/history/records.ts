/** The history of a host: a record for everything that was done to its deployments, kept on the host itself. */
import * as z from "zod/mini";
import { jsonIn } from "../kit/json.ts";
import { type HostEngine, readFiles, timeOf, writeFile } from "./host.ts";

/** The digests of a service's images by the part that they are for, as in a pin. */
const release = z.record(z.string(), z.string());

const record = z.object({
  /** When it ended, by the host's clock (ISO 8601, UTC). */
  time: z.string(),
  /** `unpin` is the end of a rollback; `unlock`: a person has taken away a lock. */
  action: z.enum(["deploy", "destroy", "rollback", "unpin", "unlock"]),
  stack: z.string(),
  /** Which deployment: a host may have that of a domain and a local one. */
  deployment: z.string(),
  /** In CI who has started the run, else git's user.email, else the name of the user here. */
  who: z.string(),
  /** The machine's name, or the URL of the run in CI. */
  from: z.string(),
  /** The commit of the project's folder, with a + where files differed from it. Absent without git. */
  commit: z.optional(z.string()),
  /** How many resources were planned to change. */
  changes: z.optional(z.object({ create: z.number(), update: z.number(), replace: z.number(), destroy: z.number() })),
  /** The releases that were started by it, or pinned; null for a service that was removed. */
  services: z._default(z.record(z.string(), z.nullable(release)), {}),
  /** `killed`: it never ended, and somebody has found its lock. */
  result: z.enum(["ok", "failed", "interrupted", "killed"]),
  /** Why it did not end well, in a line. */
  reason: z.optional(z.string()),
  seconds: z.optional(z.number()),
});

/** What was done. */
export type HistoryRecord = z.infer<typeof record>;

/** What the host adds to it: the time. */
export type Entry = Omit<HistoryRecord, "time">;

/** How many are kept on a host. Beyond that the oldest one makes room. */
export const KEPT = 500;

const FOLDER = "history";

/** All records of a host, the newest first; none where nothing has ever been deployed. */
export const readHistory = async (engine: HostEngine): Promise<HistoryRecord[]> =>
  (await slotsOf(engine)).map(({ record: kept }) => kept);

/** Adds a record. Each is a file of its own, so that one that is cut short spoils no other. */
export async function keepRecord(engine: HostEngine, entry: Entry): Promise<void> {
  const [slots, time] = [await slotsOf(engine), await timeOf(engine)];
  const text = JSON.stringify({ time: time.toISOString(), ...entry });
  await writeFile(engine, FOLDER, { name: slotFor(slots.map(({ name }) => name)), text });
}

interface Slot {
  readonly name: string;
  readonly record: HistoryRecord;
}

/** The newest first. */
async function slotsOf(engine: HostEngine): Promise<Slot[]> {
  const files = await readFiles(engine, FOLDER);
  const slots = files.flatMap(({ name, text }) => {
    const { data } = record.safeParse(jsonIn(text)); // whoever wrote it may have been killed
    return data === undefined ? [] : [{ name, record: data }];
  });
  return slots.toSorted((one, other) => other.record.time.localeCompare(one.record.time));
}

/** The first file that has no record yet, or the one with the oldest. @param taken the files that have one, the newest first */
export function slotFor(taken: readonly string[], kept = KEPT): string {
  const names = Array.from({ length: kept }, (_, at) => `${String(at).padStart(3, "0")}.json`);
  return names.find((name) => !taken.includes(name)) ?? taken.at(-1)!;
}
