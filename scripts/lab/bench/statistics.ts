/** The arithmetic of the tables. */

/** A paired ratio over the rounds of one run. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

/** The middle value, or the mean of the two middle ones; NaN when there is none. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const upper = Math.floor(sorted.length / 2);
  const lower = Math.ceil(sorted.length / 2) - 1;
  return ((sorted[lower] ?? NaN) + (sorted[upper] ?? NaN)) / 2;
}

/** The value that `share` of all values do not exceed (nearest rank); NaN when there is none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = ascending(values);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * The `values` as multiples of `base`, round by round: what slows a whole round cancels out.
 * A round without one of both is left out; undefined when none is left.
 */
export function ratios(values: readonly (number | null)[], base: readonly (number | null)[]): Spread | undefined {
  const paired = values.flatMap((value, round) => {
    const other = base[round];
    return value === null || other === null || other === undefined || other === 0 ? [] : [value / other];
  });
  return paired.length === 0 ? undefined : spread(paired);
}
