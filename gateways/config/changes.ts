/** What differs between the configuration that a gateway runs with and another reading of it. */
import { isDeepStrictEqual } from "node:util";
import { gatewayOptions, type GatewayConfig, type ServiceConfig } from "../config.ts";

/** A service that stays under its name, and what differs about it. */
export interface Changed {
  readonly config: ServiceConfig;
  /** Such as "args", "env" and "idleTtl"; never what they are. */
  readonly keys: readonly string[];
}

/** What differs between two lists of services. */
export interface ServiceChanges {
  readonly added: readonly ServiceConfig[];
  readonly changed: readonly Changed[];
  /** The names of those that are there no longer. */
  readonly gone: readonly string[];
}

/** What a gateway takes only when it starts: where it listens, whom it lets in everywhere, what it may hold. */
const AT_START = [...Object.keys(gatewayOptions), "logLevel", "tokens", "tokenDigests", "namedTokens"];

/** @param before by name: what runs, or is about to */
export function serviceChanges(
  before: ReadonlyMap<string, ServiceConfig>,
  after: readonly ServiceConfig[],
): ServiceChanges {
  const names = new Set(after.map(({ name }) => name));
  const both = after.flatMap((config) => {
    const old = before.get(config.name);
    return old === undefined ? [] : [{ config, keys: changedKeys(old, config) }];
  });
  return {
    added: after.filter(({ name }) => !before.has(name)),
    changed: both.filter(({ keys }) => keys.length > 0),
    gone: [...before.keys()].filter((name) => !names.has(name)),
  };
}

/** The options of the gateway itself that have another value and wait for its next start. */
export function waitingForStart(before: GatewayConfig, after: GatewayConfig): string[] {
  return AT_START.filter((key) => differs(before, after, key));
}

/** What a gateway runs with once it has taken what can be taken while it runs. */
export function liveConfig(running: GatewayConfig, asked: GatewayConfig): GatewayConfig {
  const kept = AT_START.map((key) => [key, running[key as keyof GatewayConfig]]);
  return { ...asked, ...(Object.fromEntries(kept) as Pick<GatewayConfig, "port">) };
}

/** A server's own keys stand in an entry beside the others. */
function changedKeys(before: ServiceConfig, after: ServiceConfig): string[] {
  const own = Object.keys({ ...before, ...after }).filter((key) => key !== "server" && differs(before, after, key));
  const ofServer = Object.keys({ ...before.server, ...after.server }).filter((key) =>
    differs(before.server, after.server, key),
  );
  return [...ofServer, ...own];
}

const differs = (before: object, after: object, key: string) =>
  !isDeepStrictEqual((before as Record<string, unknown>)[key], (after as Record<string, unknown>)[key]);
