/** `npx gangway clients --write` and `--remove`: shows what changes in each file, asks, and writes it. */
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { paintFor } from "../../../gateways/colours.ts";
import type { Target } from "../../../templates/clients/format.ts";
import { WrongUse } from "../../kit/arguments.ts";
import { print, printTables, tell } from "../../kit/print.ts";
import { showDiff } from "./diff.ts";
import { presentIn, withoutServices, withServices } from "./edits.ts";
import { backupOf, readBackup, readClientFile, writeClientFile } from "./file.ts";
import { holdsTokens, type Job } from "./jobs.ts";

/** What was asked for. */
export interface Asked {
  /** Whether the services are taken out. */
  readonly isRemoval: boolean;
  /** Whether nobody is asked. */
  readonly yes: boolean;
}

/** Writes one file. @throws Error that says why it is as it was; WrongUse when nobody can be asked */
export async function writeJob(job: Job, { isRemoval, yes }: Asked): Promise<void> {
  const { client, file } = job;
  const found = readClientFile(file);
  const { text, targets } = await naming(file, () => (isRemoval ? without(found.text, job) : having(found.text, job)));
  const names = (targets.length > 0 ? targets : job.targets).map(({ name }) => name).join(", ");
  if (text === found.text)
    return print(`${file}: nothing to do, it ${isRemoval ? "does not have" : "already has"} ${names}`);
  const secrets = targets.flatMap(({ token }) => token?.value ?? []);
  printTables(showDiff(file, found.text, text, secrets, paintFor(process.stdout)));
  if (!yes) await ask(file);
  const isPrivate = !isRemoval && holdsTokens(job);
  writeClientFile(found, text, { created: job.isOfProject ? 0o666 : 0o600, isPrivate });
  print(`${isRemoval ? "removed" : "added"} ${names}: ${file}`);
  if (found.before) print(`the file as it was: ${backupOf(file)}`);
  if (isPrivate)
    tell(
      `It holds the token itself, because ${client.title} reads no variable. Only you can read the file; never commit it`,
    );
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
  return { text: await withoutServices(text, { ...job, targets }, readBackup(job.file)), targets };
}

/** @throws Error with the name of the file in front */
async function naming<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Error(`${file} was not changed: ${(cause as Error).message}`, { cause });
  }
}

async function ask(file: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw new WrongUse(
      `${file} was not changed: this is not a terminal, so nobody can confirm. Pass --yes to write it without a question`,
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = once(terminal, "close").then(() => ""); // Ctrl-C or Ctrl-D: there will be no answer
  const answer = await Promise.race([terminal.question(`write ${file}? [y/N] `).catch(() => ""), closed]);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Error(`${file} was not changed`);
}
