/** `npx gangway clients --write` and `--remove`: shows what changes in each file, asks, and writes it. */
import type { Target } from "../../../templates/clients/format.ts";
import { agree } from "../../kit/ask.ts";
import { print, printTables, tell } from "../../kit/print.ts";
import { showDiff } from "./diff.ts";
import { presentIn, withoutServices, withServices } from "./edits.ts";
import { backupOf, readBackup, readClientFile, removeClientFile, writeClientFile } from "./file.ts";
import { holdsTokens, type Job } from "./jobs.ts";

/** What was asked for. */
export interface Asked {
  /** Whether the services are taken out. */
  readonly isRemoval: boolean;
  /** Whether nobody is asked. */
  readonly yes: boolean;
}

/**
 * Writes one file.
 * @returns whether it is as it was asked for
 * @throws Error that says why it is as it was; WrongUse when nobody can be asked
 */
export async function writeJob(job: Job, { isRemoval, yes }: Asked): Promise<boolean> {
  const { client, file } = job;
  const found = readClientFile(file);
  const { text, targets } = await naming(file, () => (isRemoval ? without(found.text, job) : having(found.text, job)));
  const names = (targets.length > 0 ? targets : job.targets).map(({ name }) => name).join(", ");
  if (text === found.text) {
    print(`${file}: nothing to do, it ${isRemoval ? "does not have" : "already has"} ${names}`);
    return true;
  }
  const secrets = targets.flatMap(({ token }) => token?.value ?? []);
  printTables(showDiff(file, found.text, text, secrets));
  if (!(await agree(`write ${file}?`, { yes, not: `${file} is not changed` }))) return false;
  if (text === "") {
    removeClientFile(found);
    print(`removed ${names}, and the file with them, which had nothing else: ${file}`);
    return true;
  }
  const isPrivate = !isRemoval && holdsTokens(job);
  writeClientFile(found, text, { created: job.isOfProject ? 0o666 : 0o600, isPrivate });
  print(`${isRemoval ? "removed" : "added"} ${names}: ${file}`);
  if (found.before) print(`the file as it was: ${backupOf(file)}`);
  if (isPrivate)
    tell(
      `It holds the token itself, because ${client.title} reads no variable. Only you can read the file; never commit it`,
    );
  return true;
}

/** What a file will say, and the services that this is about. */
interface Edited {
  readonly text: string;
  readonly targets: readonly Target[];
}

const having = async (text: string, job: Job): Promise<Edited> => ({
  text: await withServices(text, job),
  targets: job.targets,
});

async function without(text: string, job: Job): Promise<Edited> {
  const targets = await presentIn(text, job);
  const backup = readBackup(job.file);
  return {
    text: await withoutServices(text, { ...job, targets }, [...(backup === undefined ? [] : [backup]), ""]),
    targets,
  };
}

/** @throws Error with the name of the file in front */
async function naming<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = cause instanceof RangeError ? "it is nested too deeply" : (cause as Error).message;
    throw new Error(`${file} was not changed: ${reason}`, { cause });
  }
}
