/** What our verbs print. It quotes servers, containers, Terraform and npm, so whatever acts on a terminal is taken out of it. */
import { liveLine } from "../../gateways/live-line.ts";
import { printable } from "../../gateways/printable.ts";

/** To stdout: what the verb is asked for. */
export function print(text: string): void {
  liveLine.clear();
  console.log(printable(text, { lines: true, limit: Infinity }));
}

/** To stdout, with the colours of our own tables. In these, table.ts has taken those of others out. */
export function printTables(text: string): void {
  liveLine.clear();
  console.log(printable(text, { lines: true, limit: Infinity, colours: true }));
}

/** Empties the terminal, for what is shown again and again. */
export function clearScreen(): void {
  if (process.stdout.isTTY) process.stdout.write("\x1b[H\x1b[J");
}

/** To stderr: what is going on. */
export function tell(text: string): void {
  liveLine.clear();
  console.error(printable(text, { lines: true, limit: Infinity }));
}
