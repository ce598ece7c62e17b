/** Notices that somebody wants us to end. */

/** How to notice. */
export interface StopOptions {
  /**
   * Whether to end when our parent has. npm starts us through a shell and passes SIGTERM on to that shell only,
   * which dies of it and leaves us behind.
   */
  readonly alsoWithoutParent: boolean;
}

/** What we were asked: to end, and then to end at once. */
export interface Stopping {
  readonly first: AbortSignal;
  readonly second: AbortSignal;
}

/** From now on Ctrl-C, kill and hang-up do not end this process; they abort these signals. */
export function onStop({ alsoWithoutParent }: StopOptions): Stopping {
  const first = new AbortController();
  const second = new AbortController();
  let last = 0;
  const ask = () => {
    const isEcho = Date.now() - last < 500; // npm passes on what the terminal has sent to us already
    last = Date.now();
    if (!isEcho) (first.signal.aborted ? second : first).abort();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, ask);
  if (alsoWithoutParent) whenParentEnds(ask);
  return { first: first.signal, second: second.signal };
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
