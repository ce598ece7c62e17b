/** The clients of this lab, the light ones first. */
import type { Program } from "./program.ts";
import { claudeCode } from "./programs/claude-code.ts";
import { claudeDesktop } from "./programs/claude-desktop.ts";
import { clineCli } from "./programs/cline-cli.ts";
import { codex } from "./programs/codex.ts";
import { continueDev } from "./programs/continue.ts";
import { copilot } from "./programs/copilot.ts";
import { droid } from "./programs/droid.ts";
import { fastmcp } from "./programs/fastmcp.ts";
import { gemini } from "./programs/gemini.ts";
import { hermes } from "./programs/hermes.ts";
import { kilo } from "./programs/kilo.ts";
import { mcporter } from "./programs/mcporter.ts";
import { openclaw } from "./programs/openclaw.ts";
import { opencode } from "./programs/opencode.ts";
import { qwen } from "./programs/qwen.ts";

export const programs: readonly Program[] = [
  gemini,
  continueDev,
  mcporter,
  claudeDesktop,
  fastmcp,
  hermes,
  qwen,
  copilot,
  kilo,
  claudeCode,
  codex,
  opencode,
  droid,
  clineCli,
  openclaw,
];
