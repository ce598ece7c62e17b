/** `npx gangway clients --write` and `--remove`: shows what changes in each file, asks, and writes it. */
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { paintFor } from "../../../gateways/colours.ts";
import { WrongUse } from "../../kit/arguments.ts";
import { print, printTables, tell } from "../../kit/print.ts";
import { showDiff } from "./diff.ts";
import { withoutServices, withServices } from "./edits.ts";
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
  const { client, file, targets } = job;
  const found = readClientFile(file);
  const after = await edited(file, () =>
    isRemoval ? withoutServices(found.text, job, readBackup(file)) : withServices(found.text, job),
  );
  const names = targets.map(({ name }) => name).join(", ");
  if (after === found.text) return print(`${file}: nothing to do, it ${isRemoval ? "has no" : "already has"} ${names}`);
  const secrets = targets.flatMap(({ token }) => token?.value ?? []);
  printTables(showDiff(file, found.text, after, secrets, paintFor(process.stdout)));
  if (!yes) await ask(file);
  const isPrivate = !isRemoval && holdsTokens(job);
  writeClientFile(found, after, { created: job.isOfProject ? 0o666 : 0o600, isPrivate });
  print(`${file}: ${isRemoval ? "took out" : "has now"} ${names}${found.before ? `; before: ${backupOf(file)}` : ""}`);
  if (isPrivate)
    tell(
      `It holds the token itself, because ${client.title} reads no variable: only you may read it, so never commit it`,
    );
}

/** @throws Error with the name of the file in front */
async function edited(file: string, work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } catch (cause) {
    throw new Error(`${file} was not changed: ${(cause as Error).message}`, { cause });
  }
}

async function ask(file: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw new WrongUse(
      `${file} was not changed: this is not a terminal, so nobody can confirm. To write without a question: --yes`,
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = once(terminal, "close").then(() => ""); // Ctrl-C or Ctrl-D: there will be no answer
  const answer = await Promise.race([terminal.question(`write ${file}? [y/N] `).catch(() => ""), closed]);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Error(`${file} was not changed`);
}
