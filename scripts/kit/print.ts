/** What our verbs print. It quotes servers, containers, Terraform and npm, so whatever acts on a terminal is taken out of it. */
import { printable } from "../../gateways/printable.ts";

/** To stdout: what the verb is asked for. */
export const print = (text: string): void => console.log(printable(text, { lines: true, limit: Infinity }));

/** To stdout, with the colours of our own tables. In these, table.ts has taken those of others out. */
export const printTables = (text: string): void =>
  console.log(printable(text, { lines: true, limit: Infinity, colours: true }));

/** To stderr: what is going on. */
export const tell = (text: string): void => console.error(printable(text, { lines: true, limit: Infinity }));

/** To stderr, a terminal: over what stands on its last line. */
export const redraw = (text: string): boolean => process.stderr.write(`\r${printable(text)}\x1b[K`);
