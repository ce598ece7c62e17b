/** Shows what is going on, on stderr. */
import { redraw, tell } from "./print.ts";

/** Runs the work and shows `title` meanwhile. */
export type Progress = <T>(title: string, work: () => Promise<T>) => Promise<T>;

/** A spinner on a terminal, a line elsewhere, nothing when asked to be quiet. */
export function progress(quiet: boolean): Progress {
  if (quiet) return (_title, work) => work();
  if (process.stderr.isTTY) return spin;
  return (title, work) => {
    tell(`  ${title} ...`);
    return work();
  };
}

const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

/** Turns in front of the title until the work is done, then clears the line. */
async function spin<T>(title: string, work: () => Promise<T>): Promise<T> {
  let turn = 0;
  const draw = () => redraw(`  ${FRAMES[turn++ % FRAMES.length]} ${title} `);
  draw();
  const timer = setInterval(draw, 100);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    redraw("");
  }
}

/** Does the work for each item, `atOnce` of them in parallel. */
export async function eachOf<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
