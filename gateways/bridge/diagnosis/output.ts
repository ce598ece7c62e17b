/** Faults of what a server writes to standard output, which is for messages alone (MCP 2025-11-25, Transports, "stdio"). */
import { quoted, type Clues } from "./clues.ts";

/** What is wrong with the first line that is not a message; undefined when every line is one. */
export const outputFault = ({ stdout }: Pick<Clues, "stdout">): string | undefined =>
  /\S/.test(stdout) ? faultOfLine(stdout.trimStart().split("\n", 1)[0]!) : undefined;

/** Why a line on standard output is not a message, and what to do about it. */
export function faultOfLine(line: string): string {
  if (/^Content-(Length|Type):/i.test(line))
    return 'It frames its messages with "Content-Length", as language servers do (LSP); in MCP each message is one line: use a server or an SDK that speaks MCP.';
  return `Its stdout is not JSON-RPC: the first line was ${quoted(line)}. Log to stderr instead.`;
}
