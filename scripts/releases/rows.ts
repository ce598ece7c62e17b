/** The rows of `gangway releases`. */
import type { Pin } from "../../stacks/images/pins.ts";
import type { Release } from "../../stacks/provision/releases.ts";

/** What a host has on record of a deploy, as far as a release is concerned. */
export interface Deployed {
  readonly action: string;
  /** ISO 8601, by the engine's clock: when it ended. */
  readonly time: string;
  readonly who: string;
  readonly commit?: string | undefined;
  /** The releases that it has started; null: it has removed the service. */
  readonly services: Readonly<Record<string, Pin | null>>;
}

/** A release that has taken over. */
export interface Row {
  /** ISO 8601, by the engine's clock. */
  readonly time: string;
  /** The digests of what its images are built from. */
  readonly release: Pin;
  readonly result: "serves" | "serves, pinned" | "earlier";
  /** Who has deployed it. @default - the host has no record of it */
  readonly who?: string;
  /** From which commit. @default - it has none on record */
  readonly commit?: string;
}

/** What else is known of a service. */
export interface About {
  /** What the engine runs; undefined = nothing. */
  readonly running: Pin | undefined;
  readonly pinned: Pin | undefined;
  /** What the host has on record, the newest first. */
  readonly history: readonly Deployed[];
}

/** @param all the newest first */
export function rowsOf(service: string, all: readonly Release[], { running, pinned, history }: About): Row[] {
  const current = all.findIndex(({ pin }) => running !== undefined && isSame(pin, running));
  return all.map(({ pin, released }, at) => {
    const time = timeIn(released);
    const deploy = deployOf(service, pin, time, history);
    return {
      time,
      release: pin,
      result: at !== current ? "earlier" : pinned === undefined ? "serves" : "serves, pinned",
      ...(deploy !== undefined && { who: deploy.who }),
      ...(deploy?.commit !== undefined && { commit: deploy.commit }),
    };
  });
}

/** The first one that has ended since the release took over, and had started it. */
const deployOf = (service: string, pin: Pin, time: string, history: readonly Deployed[]): Deployed | undefined =>
  history.findLast(({ action, services, time: ended }) => {
    const started = services[service] ?? undefined;
    return (
      action === "deploy" && Date.parse(ended) >= Date.parse(time) && started !== undefined && isSame(pin, started)
    );
  });

/** What else runs for a service, as its proxy, is no part of a release. */
const isSame = (pin: Pin, running: Pin) =>
  (["gateway", "server", "auth"] as const).every((part) => pin[part] === running[part]);

/** @param released as in 20261121T101530Z */
const timeIn = (released: string) =>
  released.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
