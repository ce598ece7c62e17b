/** Finds the release to go back to, and writes it down. */
import { rmSync, writeFileSync } from "node:fs";
import { PINS_FILE } from "../../stacks/images/pins.ts";
import type { Release } from "../../stacks/provision/releases.ts";

/**
 * The newest release with another image than the last one.
 * @param releases the newest first
 * @throws Error when there is none
 */
export function previousRelease(releases: readonly Release[], service: string): Release {
  const [current] = releases;
  if (current === undefined) throw new Error(`${service} has never been deployed there`);
  const previous = releases.find(({ image }) => image !== current.image);
  if (previous === undefined)
    throw new Error(`${service} has only ever run ${current.digest}: there is no release before it`);
  return previous;
}

/** An empty list leaves no file. */
export function writePins(pins: Readonly<Record<string, string>>, file: URL = PINS_FILE): void {
  if (Object.keys(pins).length === 0) rmSync(file, { force: true });
  else writeFileSync(file, `${JSON.stringify(pins, undefined, 2)}\n`);
}
