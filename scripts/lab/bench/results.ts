/** The results of a run as they are kept. Tables and picture are made from them alone. */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname } from "node:path";
import type { TableShape } from "./measures/measure.ts";
import type { Options } from "./options.ts";
import type { Result } from "./run.ts";
import type { Spread } from "./statistics.ts";
import type { Target } from "./targets.ts";

/** A column of one target as a multiple of the same column of others, round by round. */
export interface Ratios {
  /** The floor with the same isolation. */
  readonly floor?: Spread | undefined;
  readonly peers: Readonly<Record<string, Spread>>;
}

export interface Row {
  readonly target: string;
  /** Medians over the rounds, by column. */
  readonly values: Readonly<Record<string, number | null>>;
  readonly errors: number;
  readonly firstError?: string | undefined;
  /** By column. */
  readonly ratios: Readonly<Record<string, Ratios>>;
  /** What it cannot do, or why it was not measured. */
  readonly note?: string | undefined;
}

export interface Table extends TableShape {
  /** The better one in the column whose ratios are shown. */
  readonly betterPeer?: string | undefined;
  readonly rows: readonly Row[];
}

export interface Results {
  readonly machine: ReturnType<typeof machine>;
  readonly rounds: number;
  readonly seconds: number;
  readonly longCalls: number;
  readonly calls: number;
  readonly targets: readonly Pick<Target, "name" | "kind" | "isolation">[];
  readonly tables: readonly Table[];
  readonly cells: readonly Result[];
}

/** Where and when it was measured, without the name of the machine. */
const machine = () => ({
  date: new Date().toISOString(),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
});

/** How the figures were measured, for the reader. */
export const howMeasured = ({ rounds, seconds }: Results): string =>
  `${rounds === 1 ? "one round" : `medians of ${rounds} rounds`} of ${seconds} s`;

export function resultsOf(options: Options, tables: readonly Table[], cells: readonly Result[]): Results {
  const { rounds, seconds, longCalls } = options;
  const calls = cells.reduce((sum, cell) => sum + cell.calls, 0);
  const targets = options.targets.map(({ name, kind, isolation }) => ({ name, kind, isolation }));
  return { machine: machine(), rounds, seconds, longCalls, calls, targets, tables, cells };
}

export function writeResults(file: string, results: Results): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, rounded, 2)}\n`);
}

/** More digits than five are noise. */
const rounded = (_: string, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(5)) : value);
