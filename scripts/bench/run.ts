// The run: every target has its turn in every measure of every round, so that what slows the machine slows all.
import { idleMemory, sessionOpen } from "./measures/sessions.ts";
import { loads } from "./measures/load.ts";
import type { Cell, Measure } from "./measures/measure.ts";
import type { Options } from "./options.ts";
import { type RunningTarget, startTarget } from "./running-target.ts";
import type { Target } from "./targets.ts";

export const measures: readonly Measure[] = [...loads, sessionOpen, idleMemory];

/** A cell with where it belongs. */
export interface Result extends Cell {
  readonly round: number;
  readonly measure: string;
  readonly target: string;
}

export interface Run {
  readonly results: readonly Result[];
  /** Why a target did not start, by its name. */
  readonly notStarted: ReadonlyMap<string, string>;
}

export async function run(options: Options, say: (line: string) => void): Promise<Run> {
  const notStarted = new Map<string, string>();
  const running = await startAll(options.targets, notStarted, say);
  const results: Result[] = [];
  try {
    for (const target of running) await warmUp(target, options.seconds, say);
    for (let round = 1; round <= options.rounds; round++) {
      for (const measure of measures) {
        // Each round begins with another target, so that none always follows the same one.
        for (const target of rotated(running, round)) {
          results.push(await takeTurn(round, measure, target, options.seconds));
          say(progressLine(results.at(-1)!, measure, options.rounds));
        }
      }
    }
  } finally {
    await Promise.all(running.map((target) => target.stop()));
  }
  return { results, notStarted };
}

async function startAll(targets: readonly Target[], notStarted: Map<string, string>, say: (line: string) => void) {
  const running: RunningTarget[] = [];
  for (const target of targets) {
    try {
      running.push(await startTarget(target));
      say(`${target.name}: started`);
    } catch (error) {
      notStarted.set(target.name, (error as Error).message);
      say(`${target.name}: did not start: ${(error as Error).message}`);
    }
  }
  return running;
}

/** One turn of every load, not counted: a gateway that has just started needs twice the CPU per call. */
async function warmUp(running: RunningTarget, seconds: number, say: (line: string) => void): Promise<void> {
  for (const measure of loads) await takeTurn(0, measure, running, seconds);
  say(`${running.target.name}: warmed up`);
}

async function takeTurn(round: number, measure: Measure, running: RunningTarget, seconds: number): Promise<Result> {
  const place = { round, measure: measure.name, target: running.target.name };
  try {
    return { ...place, ...(await measure.run(running, seconds)) };
  } catch (error) {
    return { ...place, values: {}, calls: 0, errors: 1, firstError: (error as Error).message };
  }
}

const rotated = <T>(items: readonly T[], by: number): T[] =>
  items.map((_, index) => items[(index + by - 1) % items.length]!);

function progressLine(result: Result, measure: Measure, rounds: number): string {
  const column = measure.columns.find(({ key }) => key === "sessionKb") ?? measure.columns[0]!;
  const value = result.values[column.key]?.toFixed(column.digits) ?? "-";
  const errors = result.errors === 0 ? "" : `, ${result.errors} errors: ${result.firstError}`;
  return `round ${result.round}/${rounds}  ${measure.name.padEnd(7)} ${result.target.padEnd(16)} ${value} ${column.title}${errors}`;
}
