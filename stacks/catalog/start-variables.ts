/** The gateway's own variables (`LOG_LEVEL`, `ALLOWED_ORIGINS`) as `npm start` treats them: its gateway is given them, also from `.env`. */
import {
  expectedInstead,
  type gatewayOptions,
  type Option,
  rateOptions,
  serverOptions,
  variableOf,
} from "../../gateways/config.ts";
import { allOptions, spellings } from "../../gateways/config/every-option.ts";
import type { Settings } from "../settings.ts";

/** Those that have no effect with `npm start`, and what has. */
const instead = {
  host: "npm start listens on 127.0.0.1",
  port: "the hub's is HUB_PORT, that of a service PORT_<SERVICE>",
  logFormat: "its log is a file of JSON lines, which npx gangway logs shows as lines for people",
  stopWithParent: "the gateway of npm start ends with it",
  stdio: "the catalog names the servers",
  env: "an entry of the catalog has its own env",
  url: "the catalog names the servers",
  urlType: "the catalog names the servers",
  group: "the catalog names the groups",
  name: "the catalog names the services",
  serviceVersion: "it is the version in the entry's server",
  acceptServiceToken: "an entry of the catalog has its own",
  verifySecret: "it is the first of an entry's secrets",
  upstreamToken: "it is the first of an entry's secrets",
} as const satisfies Partial<Record<keyof typeof serverOptions | keyof typeof gatewayOptions, string>>;

const all = Object.entries(allOptions);

/** Of tokens, the gateway gets digests, which are in its file. */
const isMaster = (name: string) => name === serverOptions.token.env;

/** The variables that `npm start` gives its gateway. */
export const passedAtStart: readonly string[] = all
  .filter(([key]) => !(key in instead))
  .flatMap(([, option]) => spellings(option.env))
  .filter((name) => !isMaster(name));

/** The variables that it keeps from its gateway. */
export const keptAtStart: readonly string[] = all
  .filter(([key]) => key in instead)
  .flatMap(([, option]) => spellings(option.env));

/** A line for each variable that is set and has no effect. */
export function unusedAtStart(settings: Settings): string[] {
  return Object.entries(instead).flatMap(([key, reason]) => {
    const [, option] = all.find(([name]) => name === key)!;
    const set = spellings(option.env).filter((name) => settings.value(name) !== undefined);
    return set.map((name) => `${settings.named(name)} has no effect with npm start: ${reason}.`);
  });
}

/** A line for each variable that the gateway could not read: here it is known whether `.env` has it. No line has a value. */
export function problemsAtStart(settings: Settings): string[] {
  const passed = all.filter(([key, option]) => !(key in instead) && !isMaster(option.env));
  return passed.flatMap(([, option]) => {
    const written = settings.value(option.env);
    const expected = written === undefined ? undefined : expectedInstead(option, written);
    return expected === undefined ? [] : [`${settings.named(option.env)}: expected ${expected}`];
  });
}

/** Whether the environment or `.env` says how often callers may call. */
export const limitsAllCallers = (settings: Settings): boolean =>
  Object.values<Option<unknown>>(rateOptions).some(({ env }) => settings.value(env) !== undefined);

/**
 * An environment for the gateway of `npm start`, which reads its options under their whole names: `GANGWAY_LOG_LEVEL` is what
 * LOG_LEVEL says, unless it is set itself. That of an option that has no effect is left out.
 */
export function asOptions(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const own = passedAtStart.flatMap((name) => {
    const variable = variableOf({ env: name });
    const value = env[variable] || env[name];
    return value === undefined ? [] : [[variable, value] as const];
  });
  const kept = new Set(keptAtStart.map((name) => variableOf({ env: name })));
  const others = Object.entries(env).filter(([name]) => !kept.has(name));
  return { ...Object.fromEntries(others), ...Object.fromEntries(own) };
}
