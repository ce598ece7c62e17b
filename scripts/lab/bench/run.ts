/** The run: the targets take turns in every measure of every round, so that what slows the machine slows them all. */
import { loads } from "./measures/load.ts";
import { type Cell, type Effort, LeftOut, type Measure } from "./measures/measure.ts";
import type { Options } from "./options.ts";
import { type RunningTarget, startTarget } from "./running-target.ts";
import type { Target } from "./targets.ts";

/** A cell and its place. */
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
    for (const target of running) await warmUp(target, options, say);
    for (let round = 1; round <= options.rounds; round++) {
      for (const measure of options.measures) {
        // Each round begins with another target, so that no target always follows the same one.
        const taking = running.filter(({ target }) => measure.serves?.(target) ?? true);
        for (const target of rotated(taking, round)) {
          results.push(await takeTurn(round, measure, target, options));
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

/** One turn of every load that does not count: a gateway that has just started needs twice the CPU for a call. */
async function warmUp(running: RunningTarget, options: Options, say: (line: string) => void): Promise<void> {
  for (const measure of loads.filter((load) => options.measures.includes(load))) {
    await takeTurn(0, measure, running, options);
  }
  say(`${running.target.name}: warmed up`);
}

async function takeTurn(round: number, measure: Measure, running: RunningTarget, effort: Effort): Promise<Result> {
  const place = { round, measure: measure.name, target: running.target.name };
  try {
    return { ...place, ...(await measure.run(running, effort)) };
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof LeftOut) return { ...place, values: {}, calls: 0, errors: 0, note: message };
    return { ...place, values: {}, calls: 0, errors: 1, firstError: message };
  }
}

const rotated = <T>(items: readonly T[], by: number): T[] =>
  items.map((_, index) => items[(index + by - 1) % items.length]!);

function progressLine(result: Result, measure: Measure, rounds: number): string {
  const { columns } = measure.tables[0]!;
  const column = columns.find(({ ratio }) => ratio === "shown") ?? columns[0]!;
  const value = result.values[column.key]?.toFixed(column.digits) ?? "-";
  const remarks = [result.note, result.errors === 0 ? undefined : `${result.errors} errors: ${result.firstError}`];
  const place = `round ${result.round}/${rounds}  ${measure.name.padEnd(8)} ${result.target.padEnd(15)}`;
  return [`${place} ${value} ${column.title}`, ...remarks.filter((remark) => remark !== undefined)].join(", ");
}
