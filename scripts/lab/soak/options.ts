/** The command line of the soak. */
import { type Values, WrongUse } from "../../kit/arguments.ts";

export interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly json: boolean;
  /** Whether one gateway is attacked, instead of the mixed traffic. */
  readonly hostile: boolean;
}

export const usage = `npm run soak -- [options]

Mixed traffic on four real gateways (a server for each session; one for all; one for all, one call at a time; one that
speaks only MCP 2026-07-28): calls, streams, disconnects, abandoned sessions, servers that crash, hang and write garbage.
Every answer is checked. After a quarter of the time, and at the end, the traffic pauses until everything idle has ended;
what a gateway holds by then must not have grown. Loopback only. Takes the given time and half a minute more.

  --minutes <n>   how long the traffic lasts                         (default 10)
  --hostile       instead: attacks on one gateway that is limited to 512 MB, beside a good client, whose calls must all
                  succeed and take at most three times as long as in a quiet run just before
  --seed <n>      repeats the traffic of a run, but not its timing   (default: random; it is printed)
  --json          print one JSON document: npm run --silent soak -- --json
  --help          print this

GATEWAY_MAIN=<file> soaks another build of the gateway, such as the image's one file.
Exit code: 0 all is flat, 1 something grew or an answer was wrong, 2 wrong use.`;

export const flags = { minutes: "string", seed: "string", json: "boolean", hostile: "boolean" } as const;

/** @throws WrongUse for a value that is out of range */
export function optionsOf({ minutes, seed, json = false, hostile = false }: Values<typeof flags>): Options {
  return {
    minutes: number("--minutes", minutes ?? "10", { from: 0.5, to: 24 * 60 }),
    seed: number("--seed", seed ?? String(Date.now() % 1_000_000), { from: 0, to: 2 ** 32 - 1 }),
    json,
    hostile,
  };
}

function number(name: string, given: string, { from, to }: { from: number; to: number }): number {
  const value = Number(given);
  if (given.trim() !== "" && value >= from && value <= to) return value;
  throw new WrongUse(`${name}: got "${given}", expected a number from ${from} to ${to}`);
}
