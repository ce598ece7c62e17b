/** Who may call a service, what its server is given, and what changes when one of these values does. */
import { createHash, randomBytes, scryptSync } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Service } from "./catalog/entry.ts";
import { kindOf } from "./catalog/kinds/registry.ts";
import type { Settings } from "./settings.ts";

/** Where the token of this machine's own stack is kept, when none was set. Git ignores it. */
const TOKEN_FILE = new URL("../.gangway/token", import.meta.url);

/** The secrets of one service as its container gets them: name to value. */
export function secretsOf(service: Service, settings: Settings, stack: string): ReadonlyMap<string, string> {
  const own = [...service.secrets, ...service.optionalSecrets].flatMap((name) => {
    const value = settings.value(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  if (kindOf(service.server).role === "app") return new Map(own);
  // Whoever has a service's own secret may call it too.
  const accepted = [sharedToken(settings, stack), own[0]?.[1]].filter((token) => token !== undefined);
  return new Map([["MCP_BEARER_TOKEN", accepted.join("\n")], ...own]);
}

/** The token that every service accepts. Stack `local` makes one of its own when none is set. */
function sharedToken(settings: Settings, stack: string): string | undefined {
  return settings.bearerToken ?? (stack === "local" ? localToken() : undefined);
}

/** The bearer token of stack `local` when none is set: made once, for this machine's user alone. */
export function localToken(file: URL = TOKEN_FILE): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    const token = randomBytes(24).toString("hex");
    mkdirSync(new URL(".", file), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${token}\n`, { mode: 0o600, flag: "wx" });
    return token;
  }
}

/** A name for these values from which they cannot be guessed. @returns 24 hex digits */
export function versionOf(secrets: ReadonlyMap<string, string>): string {
  const parts = [...secrets].map(([name, value]) => `${name} ${slowHash(value)}`);
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 24);
}

/** Slow on purpose, and computed once for each value: many services share one token. */
function slowHash(value: string): string {
  const known = hashes.get(value);
  if (known !== undefined) return known;
  const hash = scryptSync(value, "gangway", 16, { N: 2 ** 14 }).toString("hex");
  hashes.set(value, hash);
  return hash;
}

const hashes = new Map<string, string>();
