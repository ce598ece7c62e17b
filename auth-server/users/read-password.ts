/** A password for a command: what is typed at the terminal, unseen, or the first line of stdin. */
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { BadPassword } from "./passwords.ts";

/** @throws BadPassword when two typed passwords differ, or there is none */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return firstLine(await text(process.stdin));
  const [password, again] = await typed("Password: ", "Again: ");
  if (password === undefined) throw new BadPassword("No password was typed. Nothing is changed.");
  if (again !== password) throw new BadPassword("The two passwords differ. Nothing is changed.");
  return password;
}

function firstLine(input: string): string {
  const line = input.replace(/\r?\n[^]*$/, "");
  if (line !== "") return line;
  throw new BadPassword(
    "No password came on standard input. Run this in a terminal, which asks for one, or write the password to its input, or use --link.",
  );
}

/** Readline shows what is typed on its output, so it has none, from before the first question until after the last answer. */
async function typed(...questions: readonly string[]): Promise<(string | undefined)[]> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: unseen, terminal: true });
  const closed = once(terminal, "close").then(() => undefined); // by Ctrl-C or Ctrl-D
  const answers: (string | undefined)[] = [];
  for (const question of questions) {
    process.stderr.write(question);
    answers.push(await Promise.race([terminal.question("").catch(() => undefined), closed]));
    process.stderr.write("\n");
  }
  terminal.close();
  return answers;
}
