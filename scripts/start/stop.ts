/** Turns signals into requests to stop. */

import { hangUps } from "../../gateways/hang-up.ts";

/** When to stop. */
export interface StopOptions {
  /**
   * Whether to stop when our parent ends. npm starts us through a shell and passes SIGTERM on to that shell only, which
   * dies of it and leaves us behind.
   */
  readonly alsoWithoutParent: boolean;
}

/** The first request: stop in order. The second: stop at once. */
export interface Stopping {
  readonly first: AbortSignal;
  readonly second: AbortSignal;
  /** Called when SIGHUP asks to read everything again, and does not tell that the terminal has been closed. */
  asked?: (() => void) | undefined;
}

/** From now on Ctrl-C, kill and hang-up do not end this process but abort these signals. */
export function onStop({ alsoWithoutParent }: StopOptions): Stopping {
  const first = new AbortController();
  const second = new AbortController();
  let last = 0;
  const ask = () => {
    const isEcho = Date.now() - last < 500; // npm passes on a signal that the terminal has sent to us already
    last = Date.now();
    if (!isEcho) (first.signal.aborted ? second : first).abort();
  };
  const stopping: Stopping = { first: first.signal, second: second.signal };
  const isHangUp = hangUps();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, ask);
  process.on("SIGHUP", () => (stopping.asked && !isHangUp() ? stopping.asked() : ask()));
  if (alsoWithoutParent) whenParentEnds(ask);
  return stopping;
}

function whenParentEnds(call: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    call();
  }, 200);
  timer.unref();
}
