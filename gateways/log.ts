/** The gateway's log: JSON lines on standard error, never a payload, never a token. Touches only pino. */
import { pino, type Logger } from "pino";

export type { Logger } from "pino";

export const logLevels = ["trace", "debug", "info", "warn", "error", "silent"] as const;

export type LogLevel = (typeof logLevels)[number];

/** The root logger. `info` (the default level) has what an operator wants; single requests are at `debug`. */
export function createLog(level: LogLevel): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Nothing logs headers on purpose; should it ever happen, their secrets stay out.
      redact: { paths: ["*.authorization", "*.Authorization", "headers.authorization"], censor: "[redacted]" },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** One line of the audit trail. The word AUTH is in it, so that `grep AUTH` finds every one. */
export function audit(
  log: Logger,
  event: "refused" | "session-opened" | "session-revived" | "session-forwarded" | "session-closed",
  fields: { service: string; address?: string; principal?: string; reason?: string; session?: string; owner?: string },
): void {
  log.info({ audit: event, ...fields }, `AUTH ${event}`);
}
