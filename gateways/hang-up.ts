/** What SIGHUP means: that the terminal has been closed, or that somebody asks to read the configuration again. */
import { closeSync, openSync } from "node:fs";

/** @returns tells, when the signal comes, whether it is for a terminal that was there before */
export function hangUps(): () => boolean {
  const hadTerminal = hasTerminal();
  return () => hadTerminal && !hasTerminal();
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}
