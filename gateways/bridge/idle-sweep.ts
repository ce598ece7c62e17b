/** Looks again and again for what has been idle for too long. */

/**
 * Looks often enough that nothing stays much longer than it may, and keeps no process alive.
 * @param limit milliseconds that something may be idle
 * @param sweep ends what has been idle since before this time (performance.now())
 * @returns what `clearInterval` takes
 */
export const sweepIdle = (limit: number, sweep: (oldest: number) => void): NodeJS.Timeout =>
  setInterval(() => sweep(performance.now() - limit), Math.min(Math.max(limit / 4, 50), 30_000)).unref();
