/** What happens when nobody takes what we print: the reader of a pipe has left, or the disk is full. */

let isWatched = false;

/**
 * From now on, output that is lost ends no program in the middle of its work. A reader that leaves, as `head` does, has enough;
 * of anything else stderr tells, and the exit code is 1 where it would have been 0.
 */
export function watchOutput(): void {
  if (isWatched) return;
  isWatched = true;
  let isLost = false;
  process.stderr.on("error", () => {}); // there is nobody left to tell
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (isLost || code === "EPIPE") return;
    isLost = true;
    process.stderr.write(
      `gangway: stdout takes nothing any more (${reasons[code ?? ""] ?? code}): the output is not whole\n`,
    );
    process.once("exit", (exitCode) => {
      if (exitCode === 0) process.exitCode = 1;
    });
  });
}

const reasons: Readonly<Record<string, string>> = { ENOSPC: "the disk is full", EIO: "the terminal has been closed" };
