/** The gateways under test: each way in which calls reach a server, with limits small enough to be reached. */

/** A server for each session; one for all; one for all, one call at a time; one that speaks only MCP 2026-07-28. */
export type Place = "session" | "shared" | "serial" | "modern";

export interface Setup {
  readonly name: Place;
  readonly flags: readonly string[];
  /** The server, from the gateway's own tests, and its flags. */
  readonly server: readonly [file: string, ...flags: string[]];
}

/** What the visitors call themselves. */
export const INFO = { name: "soak", version: "1.0.0" };

/** Milliseconds after which a call is cancelled. */
export const REQUEST_TIMEOUT = 3_000;
/** Milliseconds after which an idle session ends. */
export const IDLE_TTL = 5_000;
export const MAX_BODY = 1024 * 1024;
export const MAX_LINE = 8 * 1024 * 1024;

const limits = [
  `--request-timeout=${REQUEST_TIMEOUT}ms`,
  `--idle-ttl=${IDLE_TTL}ms`,
  `--max-body=${MAX_BODY}`,
  `--max-line=${MAX_LINE}`,
  "--heartbeat=2s",
  "--drain-timeout=20s",
];

export const setups: readonly Setup[] = [
  // Fewer servers than sessions: some are put to sleep and revived.
  { name: "session", flags: [...limits, "--isolation=session", "--max-children=8"], server: ["child.ts"] },
  { name: "shared", flags: [...limits, "--isolation=shared"], server: ["child.ts", "--noisy"] },
  { name: "serial", flags: [...limits, "--isolation=shared", "--serial"], server: ["child.ts"] },
  { name: "modern", flags: limits, server: ["modern-child.ts"] },
];
