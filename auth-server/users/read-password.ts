/** A password for a command: what is typed at the terminal, unseen, or the first line of stdin. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";

/** @throws Error when two typed passwords differ */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n[^]*$/, "");
  const password = await typed("Password: ");
  if ((await typed("Again: ")) !== password) throw new Error("The passwords differ. Nothing is changed.");
  return password;
}

/** Readline shows what is typed on its output, so it has none. */
async function typed(question: string): Promise<string> {
  process.stderr.write(question);
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: unseen, terminal: true });
  const answer = await terminal.question("");
  terminal.close();
  process.stderr.write("\n");
  return answer;
}
