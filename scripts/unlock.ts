/** `npx gangway unlock`: takes away the lock of a host that somebody has left behind. */
import { readSettings } from "../stacks/settings.ts";
import { askEngine } from "./deploy/engine-words.ts";
import { stackOf } from "./deploy/stacks.ts";
import { addressNow } from "./deploy/where.ts";
import { type Lock, lockOn, releaseLock, told } from "./history/lock.ts";
import { killedEntry, note } from "./history/on-record.ts";
import { keepRecord } from "./history/records.ts";
import { WrongUse } from "./kit/arguments.ts";
import { ask } from "./kit/ask.ts";
import { print, tell } from "./kit/print.ts";
import { defineVerb } from "./kit/verb.ts";

const usage = `npx gangway unlock [--force] [--json] [stack]

Takes away the lock of a host, which one deploy, rollback or destroy at a time
has. Without a stack, or with local, that of this machine's Docker (or
DOCKER_HOST); with edge or services, that of the droplet or SERVER.

A lock whose process on this machine is gone, or that is older than 2 hours, is
taken away at once; the next deploy does that, too. For any other one it asks
for the name of whoever has it. Terraform's own lock of a state stays.

  --force  do not ask: nobody is at work
  --json   print one JSON document
  --help   print this

Exit code: 0 the host has no lock now, 1 it has.`;

export const unlock = defineVerb({
  name: "gangway unlock",
  usage,
  flags: { force: "boolean", json: "boolean" },
  takesNames: true,
  completes: "stacks",
  keepsFiles: false,
  run: async ({ force = false, json = false }, names) => {
    const engine = askEngine(await addressNow(stackOf(names, "unlock"), readSettings([])));
    const lock = await lockOn(engine);
    if (lock !== undefined && !(await mayTake(lock, force))) return 1;
    if (lock !== undefined) {
      await releaseLock(engine, lock.id);
      const { stack, deployment } = lock;
      await keepRecord(engine, killedEntry(lock, lock.abandoned ?? "its lock was taken away"));
      await note({ action: "unlock", stack, deployment }, engine);
    }
    if (json) print(JSON.stringify({ removed: lock ?? null }, undefined, 2));
    else print(lock === undefined ? "  there is no lock" : `  unlocked: ${told(lock)}`);
    return 0;
  },
});

/** Whether a lock may be taken away. @throws WrongUse where nobody can be asked about one that somebody may still need */
async function mayTake(lock: Lock, force: boolean): Promise<boolean> {
  if (force || lock.abandoned !== undefined) return true;
  if (!process.stdin.isTTY)
    throw new WrongUse(
      `${told(lock)}. This is not a terminal, so nobody can confirm: pass --force if nobody is at work`,
    );
  tell(`  ${told(lock)}`);
  const isSure = (await ask(`type ${lock.who} to take the lock away:`)) === lock.who;
  if (!isSure) tell("  the lock stays");
  return isSure;
}
