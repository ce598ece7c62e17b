/** The tables of a run: medians, and ratios paired by round. */
import type { Column, Measure, TableShape } from "./measures/measure.ts";
import type { Ratios, Row, Table } from "./results.ts";
import type { Result, Run } from "./run.ts";
import { median, ratios } from "./statistics.ts";
import type { Target } from "./targets.ts";

export const summarize = (run: Run, measures: readonly Measure[], targets: readonly Target[]): Table[] =>
  measures.flatMap((measure) => {
    const results = run.results.filter((result) => result.measure === measure.name);
    const taking = targets.filter((target) => measure.serves?.(target) ?? true);
    return measure.tables.map((shape) => table(shape, { run, results, targets: taking }));
  });

interface Context {
  readonly run: Run;
  /** Of this measure. */
  readonly results: readonly Result[];
  readonly targets: readonly Target[];
}

function table(shape: TableShape, context: Context): Table {
  const shown = shape.columns.find(({ ratio }) => ratio === "shown");
  const betterPeer = shown && pickBetterPeer(shown, context)?.name;
  return { ...shape, betterPeer, rows: context.targets.map((target) => row(shape, target, context)) };
}

function row({ columns }: TableShape, target: Target, context: Context): Row {
  const own = of(target, context);
  return {
    target: target.name,
    values: Object.fromEntries(columns.map(({ key }) => [key, medianOf(own, key)])),
    errors: own.reduce((sum, { errors }) => sum + errors, 0),
    firstError: own.find(({ firstError }) => firstError !== undefined)?.firstError,
    ratios: Object.fromEntries(
      columns.filter(({ ratio }) => ratio).map(({ key }) => [key, ratiosOf(key, target, context)]),
    ),
    note: noteOf(target, own, context),
  };
}

function noteOf(target: Target, own: readonly Result[], { run }: Context): string | undefined {
  const why = run.notStarted.get(target.name);
  if (why !== undefined) return `did not start: ${why}`;
  const notes = own.map(({ note }) => note).filter((note) => note !== undefined);
  return notes.length < own.length && notes[0] !== undefined
    ? `${notes[0]} (${notes.length} of ${own.length} rounds)`
    : notes[0];
}

function ratiosOf(key: string, target: Target, context: Context): Ratios {
  const { targets } = context;
  const floor = targets.find(({ kind, isolation }) => kind === "floor" && isolation === target.isolation);
  const against = (base: Target) => ratios(byRound(key, target, context), byRound(key, base, context));
  const peers = targets.filter(({ kind }) => kind === "peer").map((peer) => [peer.name, against(peer)] as const);
  return {
    floor: floor && against(floor),
    peers: Object.fromEntries(peers.filter(([, found]) => found)) as Ratios["peers"],
  };
}

function pickBetterPeer({ key, less }: Column, context: Context): Target | undefined {
  const known = context.targets
    .filter(({ kind }) => kind === "peer")
    .map((target) => ({ target, value: medianOf(of(target, context), key) }))
    .filter((peer): peer is { target: Target; value: number } => peer.value !== null);
  return known.toSorted((a, b) => (less ? a.value - b.value : b.value - a.value))[0]?.target;
}

function medianOf(results: readonly Result[], key: string): number | null {
  const known = results
    .map(({ values }) => values[key])
    .filter((value) => typeof value === "number" && !Number.isNaN(value));
  return known.length === 0 ? null : median(known as number[]);
}

const of = (target: Target, { results }: Context) => results.filter((result) => result.target === target.name);

const byRound = (key: string, target: Target, context: Context): (number | null)[] =>
  of(target, context).map(({ values }) => values[key] ?? null);
