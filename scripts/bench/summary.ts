// What the rounds come to: medians, and ratios paired by round.
import type { Measure } from "./measures/measure.ts";
import { measures, type Result, type Run } from "./run.ts";
import { median, ratios, type Spread } from "./statistics.ts";
import type { Target } from "./targets.ts";

export interface Row {
  readonly target: string;
  /** Medians over the rounds, by column. */
  readonly values: Readonly<Record<string, number | null>>;
  readonly calls: number;
  readonly errors: number;
  readonly firstError?: string | undefined;
  /** Held against the floor with the same isolation. */
  readonly ofFloor?: Spread | undefined;
  readonly ofBetterPeer?: Spread | undefined;
  readonly notStarted?: string | undefined;
}

export interface Table {
  readonly measure: Measure;
  readonly betterPeer?: string | undefined;
  readonly rows: readonly Row[];
}

export const summarize = (run: Run, targets: readonly Target[]): Table[] =>
  measures.map((measure) => {
    const results = run.results.filter((result) => result.measure === measure.name);
    const betterPeer = pickBetterPeer(measure, results, targets);
    const rows = targets.map((target) => row(measure, target, { run, results, targets, betterPeer }));
    return { measure, betterPeer: betterPeer?.name, rows };
  });

interface Context {
  readonly run: Run;
  readonly results: readonly Result[];
  readonly targets: readonly Target[];
  readonly betterPeer: Target | undefined;
}

function row(measure: Measure, target: Target, { run, results, targets, betterPeer }: Context): Row {
  const own = results.filter((result) => result.target === target.name);
  const floor = targets.find(({ kind, isolation }) => kind === "floor" && isolation === target.isolation);
  const against = (base: Target | undefined) =>
    measure.ratioOf === undefined || base === undefined
      ? undefined
      : ratios(byRound(measure.ratioOf, results, target), byRound(measure.ratioOf, results, base));
  return {
    target: target.name,
    values: Object.fromEntries(measure.columns.map(({ key }) => [key, medianOf(own, key)])),
    calls: own.reduce((sum, { calls }) => sum + calls, 0),
    errors: own.reduce((sum, { errors }) => sum + errors, 0),
    firstError: own.find(({ firstError }) => firstError !== undefined)?.firstError,
    ofFloor: against(floor),
    ofBetterPeer: against(betterPeer),
    notStarted: run.notStarted.get(target.name),
  };
}

function pickBetterPeer(measure: Measure, results: readonly Result[], targets: readonly Target[]): Target | undefined {
  const speed = (target: Target) =>
    medianOf(
      results.filter((result) => result.target === target.name),
      measure.ratioOf ?? "",
    ) ?? 0;
  const peers = targets.filter(({ kind }) => kind === "peer");
  return peers.toSorted((a, b) => speed(b) - speed(a))[0];
}

function medianOf(results: readonly Result[], key: string): number | null {
  const known = results
    .map(({ values }) => values[key])
    .filter((value) => typeof value === "number" && !Number.isNaN(value));
  return known.length === 0 ? null : median(known as number[]);
}

const byRound = (key: string, results: readonly Result[], target: Target): (number | null)[] =>
  results.filter((result) => result.target === target.name).map(({ values }) => values[key] ?? null);
