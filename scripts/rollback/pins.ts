/** Finds the release to go back to, and records it. */
import { rmSync, writeFileSync } from "node:fs";
import type { Pins } from "../../stacks/images/pins.ts";
import { place } from "../../stacks/project.ts";
import type { Release } from "../../stacks/provision/releases.ts";

/**
 * The newest release whose image differs from the last one.
 * @param releases the newest first
 * @param where whose Docker it is, for the message
 * @throws Error when there is none
 */
export function previousRelease(releases: readonly Release[], service: string, where: string): Release {
  const [current] = releases;
  if (current === undefined) throw new Error(`${service} has no release on ${where}: it was never deployed there`);
  const previous = releases.find(({ image }) => image !== current.image);
  if (previous === undefined)
    throw new Error(`${service} has no earlier release on ${where}: it has only ever run ${current.digest} there`);
  return previous;
}

/** A stack without pins is left out; without any pin there is no file. */
export function writePins(pins: Pins, file: string = place.pins): void {
  const held = Object.fromEntries(Object.entries(pins).filter(([, services]) => Object.keys(services).length > 0));
  if (Object.keys(held).length === 0) rmSync(file, { force: true });
  else writeFileSync(file, `${JSON.stringify(held, undefined, 2)}\n`);
}
