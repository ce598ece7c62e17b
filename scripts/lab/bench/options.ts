// The command line of the bench.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
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

export const help = `npm run bench -- [options]

Measures Gangway, two other gateways and two floors (gateways that check nothing), in turn, on loopback.
Takes 15 to 20 minutes with the defaults.

  --rounds <n>      how often every target has its turn; the tables show medians   (default 3)
  --seconds <n>     how long one load lasts                                        (default 2)
  --only <a,b>      only these, or all whose names begin so:
                    ${targets.map(({ name }) => name).join(", ")}
  --measures <a,b>  likewise only these:
                    ${measures.map(({ name }) => name).join(", ")}
  --json <file>     where the results go                                           (default .gangway/bench.json)
  --calls <n>       calls of the long session                                      (default 100000)
  --save            show this run in scripts/lab/bench: results.json, results.svg and the table in README.md
  --quick           1 round of 0.7 s, 10000 calls: shows that all works, its figures mean little
  --help            this text

Exit code 1: a target did not start, or gave a wrong reply. No figure ever fails the run.
`;

/** @throws Error with a sentence for the person who typed it. */
export function readOptions(args: readonly string[]): Options | "help" {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: text,
      seconds: text,
      calls: text,
      only: text,
      measures: text,
      json: text,
      save: flag,
      quick: flag,
      help: flag,
    },
  });
  if (values.help === true) return "help";
  const quick = values.quick === true;
  if (values.save === true && (values.only ?? values.measures) !== undefined) {
    throw new Error("--save: got --only or --measures, expected all targets and measures");
  }
  return {
    rounds: whole("--rounds", values.rounds ?? (quick ? "1" : "3"), 1, 1_000),
    seconds: within("--seconds", values.seconds ?? (quick ? "0.7" : "2"), 0.1, 1_000),
    longCalls: whole("--calls", values.calls ?? (quick ? "10000" : "100000"), 1_000, 10_000_000),
    targets: pick("--only", values.only, targets),
    measures: pick("--measures", values.measures, measures),
    json: resolve(values.json ?? `${outputFolder}/bench.json`),
    save: values.save === true,
  };
}

function within(name: string, given: string, least: number, most: number): number {
  const value = Number(given);
  if (value >= least && value <= most) return value;
  throw new Error(`${name}: got "${given}", expected a number from ${least} to ${most}`);
}

function whole(name: string, given: string, least: number, most: number): number {
  const value = within(name, given, least, most);
  if (Number.isInteger(value)) return value;
  throw new Error(`${name}: got "${given}", expected a whole number`);
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
  if (unknown !== undefined) throw new Error(`${flag}: got "${unknown}", expected some of ${names}`);
  const isWhole = (name: string) => all.some((one) => one.name === name);
  return all.filter((one) => wanted.some((name) => (isWhole(name) ? one.name === name : one.name.startsWith(name))));
}
