// The command line of the bench.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { outputFolder, type Target, targets } from "./targets.ts";

export interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly targets: readonly Target[];
  readonly json: string;
}

export const help = `npm run bench -- [options]

Measures Gangway, two other gateways and two floors (gateways that check nothing), in turn, on loopback.
Takes about 6 minutes with the defaults.

  --rounds <n>      how often every target has its turn; the tables show medians   (default 3)
  --seconds <n>     how long one load lasts                                        (default 2)
  --only <a,b>      only these, or all whose names begin so:
                    ${targets.map(({ name }) => name).join(", ")}
  --json <file>     where the results go                                           (default .gangway/bench.json)
  --quick           1 round of 0.7 s: shows that all works, its figures mean little
  --help            this text

Exit code 1: a target did not start, or gave a wrong reply. No figure ever fails the run.
`;

/** @throws Error with a sentence for the person who typed it. */
export function readOptions(args: readonly string[]): Options | "help" {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: text, seconds: text, only: text, json: text, quick: flag, help: flag },
  });
  if (values.help === true) return "help";
  const quick = values.quick === true;
  return {
    rounds: positive("--rounds", values.rounds ?? (quick ? "1" : "3"), true),
    seconds: positive("--seconds", values.seconds ?? (quick ? "0.7" : "2"), false),
    targets: pick(values.only),
    json: resolve(values.json ?? `${outputFolder}/bench.json`),
  };
}

function positive(name: string, given: string, whole: boolean): number {
  const value = Number(given);
  if (value > 0 && value <= 1000 && (!whole || Number.isInteger(value))) return value;
  throw new Error(
    `${name}: got "${given}", expected a ${whole ? "whole " : ""}number from ${whole ? 1 : "0.1"} to 1000`,
  );
}

function pick(only: string | undefined): readonly Target[] {
  if (only === undefined) return targets;
  const wanted = only.split(",").map((name) => name.trim());
  const unknown = wanted.find((name) => !targets.some((target) => target.name.startsWith(name)));
  const names = targets.map(({ name }) => name).join(", ");
  if (unknown !== undefined) throw new Error(`--only: got "${unknown}", expected some of ${names}`);
  return targets.filter((target) => wanted.some((name) => target.name.startsWith(name)));
}
