/** Finds the release to go back to, and records it. */
import { rmSync, writeFileSync } from "node:fs";
import type { Pin, Pins } from "../../stacks/images/pins.ts";
import { place } from "../../stacks/project.ts";
import type { Release } from "../../stacks/provision/releases.ts";

/**
 * The newest release that differs from what runs.
 * @param releases the newest first
 * @param running what the engine runs; undefined = nothing, and so the last one counts
 * @param where whose Docker it is, for the message
 * @throws Error when there is none
 */
export function previousRelease(
  releases: readonly Release[],
  running: Pin | undefined,
  service: string,
  where: string,
): Release {
  const current = running ?? releases[0]?.pin;
  if (current === undefined) throw new Error(`${service} has no release on ${where}: it was never deployed there`);
  const previous = releases.find(({ pin }) => toldPin(pin) !== toldPin(current));
  if (previous === undefined)
    throw new Error(
      `${service} has no earlier release on ${where}: it has only ever run ${toldPin(current)} there, or the images of others were removed (docker system prune)`,
    );
  return previous;
}

/** "gateway 0123456789abcdef, server fedcba9876543210". */
export const toldPin = ({ gateway, server, auth }: Pin): string =>
  Object.entries({ gateway, server, auth })
    .flatMap(([part, digest]) => (digest === undefined ? [] : [`${part} ${digest}`]))
    .join(", ");

/** A stack without pins is left out; without any pin there is no file. */
export function writePins(pins: Pins, file: string = place.pins): void {
  const held = Object.fromEntries(Object.entries(pins).filter(([, services]) => Object.keys(services).length > 0));
  if (Object.keys(held).length === 0) rmSync(file, { force: true });
  else writeFileSync(file, `${JSON.stringify(held, undefined, 2)}\n`);
}
