/** All clients, in the order in which they are listed: the most used first, then programs of one's own. */
import { amp } from "./amp.ts";
import { antigravity } from "./antigravity.ts";
import { chatgpt } from "./chatgpt.ts";
import { claude } from "./claude.ts";
import { claudeCode } from "./claude-code.ts";
import { claudeDesktop } from "./claude-desktop.ts";
import { cline, clineCli } from "./cline.ts";
import { codex } from "./codex.ts";
import { continueDev } from "./continue.ts";
import { copilot } from "./copilot.ts";
import { curl } from "./curl.ts";
import { cursor } from "./cursor.ts";
import { devin } from "./devin.ts";
import { droid } from "./droid.ts";
import type { Client } from "./format.ts";
import { gemini } from "./gemini.ts";
import { goose } from "./goose.ts";
import { hermes } from "./hermes.ts";
import { jetbrains, junie } from "./jetbrains.ts";
import { kilo } from "./kilo.ts";
import { kiro } from "./kiro.ts";
import { librechat } from "./librechat.ts";
import { mcporter } from "./mcporter.ts";
import { n8n } from "./n8n.ts";
import { openclaw } from "./openclaw.ts";
import { opencode, opencode2 } from "./opencode.ts";
import { python } from "./python.ts";
import { qwen } from "./qwen.ts";
import { typescript } from "./typescript.ts";
import { vscode } from "./vscode.ts";
import { windsurf } from "./windsurf.ts";
import { wscat } from "./wscat.ts";
import { zed } from "./zed.ts";

/** Each has an id of its own. */
export const clients: readonly Client[] = [
  claudeCode,
  claude,
  claudeDesktop,
  cursor,
  vscode,
  codex,
  gemini,
  copilot,
  windsurf,
  devin,
  cline,
  clineCli,
  antigravity,
  zed,
  goose,
  opencode,
  opencode2,
  kilo,
  kiro,
  qwen,
  droid,
  openclaw,
  amp,
  jetbrains,
  junie,
  continueDev,
  hermes,
  mcporter,
  librechat,
  n8n,
  chatgpt,
  curl,
  wscat,
  python,
  typescript,
];
