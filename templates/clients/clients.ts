/** All clients, in the order in which they are listed. */
import { claudeCode } from "./claude-code.ts";
import { codex } from "./codex.ts";
import type { Client } from "./format.ts";
import { vscode } from "./vscode.ts";

/** Each has an id of its own. */
export const clients: readonly Client[] = [claudeCode, vscode, codex];
