/** The command line of the bench. */
import { resolve } from "node:path";
import { type Values, WrongUse } from "../../kit/arguments.ts";
import { measures } from "./measures/all.ts";
import type { Effort, Measure } from "./measures/measure.ts";
import { outputFolder, type Target, targets } from "./targets.ts";

export interface Options extends Effort {
  readonly rounds: number;
  readonly targets: readonly Target[];
  readonly measures: readonly Measure[];
  readonly json: string;
  /** Whether this run becomes the one that the README shows. */
  readonly save: boolean;
}

export const usage = `npm run bench -- [options]

Measures Gangway, two other gateways and two floors (gateways that check nothing), in turn, on loopback.
Takes 15 to 20 minutes with the defaults.

  --rounds <n>      how many turns each target gets; the tables show medians       (default 3)
  --seconds <n>     how long one load lasts                                        (default 2)
  --only <a,b>      only these targets, or those whose names begin like that:
                    ${targets.map(({ name }) => name).join(", ")}
  --measures <a,b>  likewise, only these measures:
                    ${measures.map(({ name }) => name).join(", ")}
  --json <file>     where the results go                                           (default .gangway/bench.json)
  --calls <n>       calls of the long session                                      (default 100000)
  --save            publish this run in scripts/lab/bench: results.json, results.svg and the tables in README.md
  --quick           1 round of 0.7 s, 10000 calls: shows that everything works; its figures mean little
  --help            print this

Exit code 1: a target did not start, or gave a wrong reply. No figure fails the run.`;

export const flags = {
  rounds: "string",
  seconds: "string",
  calls: "string",
  only: "string",
  measures: "string",
  json: "string",
  save: "boolean",
  quick: "boolean",
} as const;

/** @throws WrongUse for a value that is out of range, or names nothing */
export function optionsOf(values: Values<typeof flags>): Options {
  const { quick = false, save = false } = values;
  if (save && (values.only ?? values.measures) !== undefined)
    throw new WrongUse("--save: got --only or --measures, expected all targets and measures");
  return {
    rounds: whole("--rounds", values.rounds ?? (quick ? "1" : "3"), 1, 1_000),
    seconds: within("--seconds", values.seconds ?? (quick ? "0.7" : "2"), 0.1, 1_000),
    longCalls: whole("--calls", values.calls ?? (quick ? "10000" : "100000"), 1_000, 10_000_000),
    targets: pick("--only", values.only, targets),
    measures: pick("--measures", values.measures, measures),
    json: resolve(values.json ?? `${outputFolder}/bench.json`),
    save,
  };
}

function within(name: string, given: string, least: number, most: number): number {
  const value = Number(given);
  if (value >= least && value <= most) return value;
  throw new WrongUse(`${name}: got "${given}", expected a number from ${least} to ${most}`);
}

function whole(name: string, given: string, least: number, most: number): number {
  const value = within(name, given, least, most);
  if (Number.isInteger(value)) return value;
  throw new WrongUse(`${name}: got "${given}", expected a whole number`);
}

function pick<T extends { readonly name: string }>(
  flag: string,
  only: string | undefined,
  all: readonly T[],
): readonly T[] {
  if (only === undefined) return all;
  const wanted = only.split(",").map((name) => name.trim());
  const unknown = wanted.find((name) => !all.some((one) => one.name.startsWith(name)));
  const names = all.map(({ name }) => name).join(", ");
  if (unknown !== undefined) throw new WrongUse(`${flag}: got "${unknown}", expected some of ${names}`);
  const isWhole = (name: string) => all.some((one) => one.name === name);
  return all.filter((one) => wanted.some((name) => (isWhole(name) ? one.name === name : one.name.startsWith(name))));
}
