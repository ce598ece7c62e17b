/** The masters of this machine: where they are kept, and how a rotation changes them. */
import { place } from "../../stacks/project.ts";
import type { Settings } from "../../stacks/settings.ts";
import { keptTokens, newToken, TOKEN_FILE } from "../../stacks/tokens.ts";
import { changeVariable, replaceFile } from "./env-file.ts";

/** Where the masters are, and how they are changed. */
export interface Masters {
  /** The newest first. */
  readonly all: readonly string[];
  /** For messages. */
  readonly where: string;
  readonly write: (masters: readonly string[]) => void;
}

/** The files that hold them. */
export interface Places {
  /** @default - .env in the project's folder */
  readonly env?: string;
  /** @default - .gangway/token */
  readonly kept?: string;
}

/** @throws Error when there are none, or they are where we cannot change them */
export function mastersOf(settings: Settings, { env = place.env, kept = TOKEN_FILE }: Places = {}): Masters {
  const all = settings.bearerTokens;
  if (all.length === 0) return keptMasters(kept);
  if (settings.isOnlyInFile("MCP_BEARER_TOKEN"))
    return { all, where: ".env", write: (masters) => changeVariable(env, "MCP_BEARER_TOKEN", masters.join("\n")) };
  throw new Error(
    "MCP_BEARER_TOKEN is set in the environment, which only you can change: put a token of `npx gangway token new` " +
      "in front, on a line of its own, and take the old one away when nobody needs it any more (if it only comes from .env: " +
      "unset MCP_BEARER_TOKEN, and run this again)",
  );
}

function keptMasters(file: string): Masters {
  const all = keptTokens(file);
  if (all.length === 0)
    throw new Error("there is no token yet, so there is none to rotate: npx gangway token makes one");
  return { all, where: ".gangway/token", write: (masters) => replaceFile(file, `${masters.join("\n")}\n`) };
}

/** Puts a new master in front. The others stay valid. @returns how many are valid now */
export function rotate({ all, write }: Masters): number {
  write([newToken(), ...all]);
  return all.length + 1;
}

/** Leaves only the newest one. @returns how many were taken away */
export function finish({ all, write }: Masters): number {
  if (all.length > 1) write(all.slice(0, 1));
  return all.length - 1;
}
