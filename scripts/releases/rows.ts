/** The rows of `gangway releases`. */
import type { Pin } from "../../stacks/images/pins.ts";
import type { Release } from "../../stacks/provision/releases.ts";

/** A release that has taken over. */
export interface Row {
  /** ISO 8601, by the engine's clock. */
  readonly time: string;
  /** The digests of what its images are built from. */
  readonly release: Pin;
  readonly result: "serves" | "serves, pinned" | "earlier";
}

/** @param all the newest first @param running what the engine runs; undefined = nothing */
export function rowsOf(all: readonly Release[], running: Pin | undefined, pinned: Pin | undefined): Row[] {
  const current = all.findIndex(({ pin }) => running !== undefined && isSame(pin, running));
  return all.map(({ pin, released }, at) => ({
    time: timeIn(released),
    release: pin,
    result: at !== current ? "earlier" : pinned === undefined ? "serves" : "serves, pinned",
  }));
}

/** What else runs for a service, as its proxy, is no part of a release. */
const isSame = (pin: Pin, running: Pin) =>
  (["gateway", "server", "auth"] as const).every((part) => pin[part] === running[part]);

/** @param released as in 20261121T101530Z */
const timeIn = (released: string) =>
  released.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
