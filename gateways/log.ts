/** The gateway's log: JSON lines on stderr, without payloads and tokens. */
import { pino, type Logger } from "pino";

export type { Logger } from "pino";

/** The levels of LOG_LEVEL, from the most to the least verbose. */
export const logLevels = ["trace", "debug", "info", "warn", "error", "silent"] as const;

/** One of the levels of LOG_LEVEL. */
export type LogLevel = (typeof logLevels)[number];

/** The root logger. `info`, the default level, is for operators; single requests are logged at `debug`. */
export function createLog(level: LogLevel): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Nothing logs headers on purpose. This is a safety net for their secrets.
      redact: { paths: ["*.authorization", "*.Authorization", "headers.authorization"], censor: "[redacted]" },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** Writes one line of the audit trail. Each contains AUTH, so that `grep AUTH` finds them all. */
export function audit(
  log: Logger,
  event: "refused" | "login-lockout" | "session-opened" | "session-revived" | "session-forwarded" | "session-closed",
  fields: { service: string; address?: string; principal?: string; reason?: string; session?: string; owner?: string },
): void {
  log.info({ audit: event, ...fields }, `AUTH ${event}`);
}
