/** Questions to the person at the terminal. */
import { once } from "node:events";
import { createInterface } from "node:readline/promises";

/** What is typed; "" after Ctrl-C or Ctrl-D, as there will be no answer. */
export async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = once(terminal, "close").then(() => "");
  const answer = await Promise.race([terminal.question(`  ${question} `).catch(() => ""), closed]);
  terminal.close();
  return answer.trim();
}

/** Whether it is answered with yes. */
export const confirm = async (question: string): Promise<boolean> => /^y(es)?$/i.test(await ask(`${question} [y/N]`));
