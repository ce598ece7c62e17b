/** How long things took, counted in the buckets that the OpenTelemetry conventions for MCP advise. */

/** Seconds: the upper bounds of the buckets. */
export const BUCKETS: readonly number[] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

/** One series of a histogram. Counting is on the way of every call: it allocates nothing. */
export class Histogram {
  /** How many fell into each bucket and not into one before it; the last one is for what took longer. */
  readonly counts = new Float64Array(BUCKETS.length + 1);
  /** Seconds of all together. */
  sum = 0;

  observe(seconds: number): void {
    let at = 0;
    while (at < BUCKETS.length && seconds > BUCKETS[at]!) at++;
    this.counts[at]!++;
    this.sum += seconds;
  }
}
