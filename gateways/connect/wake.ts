/** Notices that the machine has slept: the clock on the wall has gone on, and our timers have not. */

/** Milliseconds between two looks, and how much more may pass between them on a busy machine. */
const INTERVAL = 2_000;
const BUSY = 8_000;

/** Calls back each time that the machine has woken up. @returns what ends that */
export function whenWoken(call: () => void, now: () => number = Date.now): () => void {
  let last = now();
  const timer = setInterval(() => {
    if (now() - last > INTERVAL + BUSY) call();
    last = now();
  }, INTERVAL).unref();
  return () => clearInterval(timer);
}
