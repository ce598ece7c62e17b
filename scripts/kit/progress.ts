/** Shows what is going on, on stderr. */
import { elapsed, liveLine } from "../../gateways/live-line.ts";
import { tell } from "./print.ts";

/** Runs the work and shows `title` meanwhile, and how long it took if that was over a second. */
export type Progress = <T>(title: string, work: () => Promise<T>) => Promise<T>;

/** Milliseconds after which a reader wants to know how long it took. */
const LONG = 1_000;

/** A line that moves on a terminal, lines elsewhere, nothing when asked to be quiet. */
export function progress(quiet: boolean): Progress {
  if (quiet) return (_title, work) => work();
  return async (title, work) => {
    const since = performance.now();
    if (!liveLine.isShown) tell(`  ${title} ...`);
    liveLine.show(() => title);
    try {
      const result = await work();
      const took = performance.now() - since;
      if (took > LONG) tell(`  ${title}: ${elapsed(took)}`);
      return result;
    } finally {
      liveLine.hide();
    }
  };
}

/** Does the work for each item, `atOnce` of them in parallel. */
export async function eachOf<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
