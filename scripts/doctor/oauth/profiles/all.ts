/** Every client whose login the doctor replays. */
import { chatgpt } from "./chatgpt.ts";
import { claude } from "./claude.ts";
import { claudeCode } from "./claude-code.ts";
import type { OAuthClient, Registration } from "./profile.ts";
import { codex } from "./codex.ts";
import { cursor } from "./cursor.ts";
import { sdk } from "./sdk.ts";
import { vscode } from "./vscode.ts";

/** Each has an id of its own. */
export const clients: readonly OAuthClient[] = [claude, claudeCode, chatgpt, cursor, codex, vscode, sdk];

/** What the maker of a client serves at a `client_id`; undefined when it is none of these clients. */
export const documentAt = (clientId: string): Registration | undefined =>
  clients.find(({ document }) => document?.url === clientId)?.document?.says;
