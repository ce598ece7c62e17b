/** Questions to the person at the terminal. */
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { WrongUse } from "./arguments.ts";
import { tell } from "./print.ts";

/** What is typed; "" after Ctrl-C or Ctrl-D, as there will be no answer. */
export async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = once(terminal, "close").then(() => "");
  const answer = await Promise.race([terminal.question(`  ${question} `).catch(() => ""), closed]);
  terminal.close();
  return answer.trim();
}

/**
 * Whether a change is agreed to.
 * @param not says that nothing has been done: "nothing is written"
 * @throws WrongUse where nobody can be asked
 */
export async function agree(question: string, { yes, not }: { readonly yes: boolean; readonly not: string }) {
  if (yes) return true;
  if (!process.stdin.isTTY)
    throw new WrongUse(`${not}: this is not a terminal, so nobody can confirm. Pass --yes once you have read it`);
  const isAgreed = await confirm(question);
  if (!isAgreed) tell(`  ${not}`);
  return isAgreed;
}

/** Whether it is answered with yes. */
export const confirm = async (question: string): Promise<boolean> => /^y(es)?$/i.test(await ask(`${question} [y/N]`));
