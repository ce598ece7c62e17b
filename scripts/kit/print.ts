/** What our verbs print. It quotes servers, containers, Terraform and npm, so whatever acts on a terminal is taken out of it. */
import { printable } from "../../gateways/printable.ts";

/** To stdout: what the verb is asked for. */
export const print = (text: string): void => console.log(shown(text));

/** To stderr: what is going on. */
export const tell = (text: string): void => console.error(shown(text));

/** A text of several lines, with the colours of our own tables. */
const shown = (text: string) => printable(text, { lines: true, colours: true, limit: Infinity });
