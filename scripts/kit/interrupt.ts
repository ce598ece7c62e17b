/** Ctrl-C in a verb that has something to clean up. */

/** Aborts at the first SIGINT or SIGTERM, so that what runs ends in order; the second one ends us at once. */
export function onInterrupt(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(INTERRUPTED);
      stopping.abort();
    });
  return stopping.signal;
}

/** The exit code of whoever was interrupted. */
export const INTERRUPTED = 130;
