/** How much of the log is written. In a file of its own, because the options are read before there is a log. */

/** The levels of LOG_LEVEL, from the most to the least verbose. */
export const logLevels = ["trace", "debug", "info", "warn", "error", "silent"] as const;

/** One of the levels of LOG_LEVEL. */
export type LogLevel = (typeof logLevels)[number];
