/** The command line of the soak. */
import { parseArgs } from "node:util";

export interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly json: boolean;
}

export const help = `npm run soak -- [options]

Mixed traffic on four real gateways (a server for each session; one for all; one for all, one call at a time; one that
knows only MCP 2026-07-28): calls, streams, disconnects, abandoned sessions, servers that crash, hang and write garbage.
Every answer is checked. After a quarter of the time, and at the end, the traffic pauses until everything idle has ended;
what a gateway holds then must not have grown. Loopback only. Takes the minutes asked for and half a minute more.

  --minutes <n>   how long the traffic lasts                         (default 10)
  --seed <n>      repeats the traffic of a run; its timing varies    (default: made up, and printed)
  --json          print one JSON document: npm run --silent soak -- --json
  --help          this text

GATEWAY_MAIN=<file> soaks another build of the gateway, such as the image's one file.
Exit code: 0 all is flat, 1 something grew or an answer was wrong, 2 wrong use.
`;

/** @throws Error with a sentence for the person who typed it */
export function readOptions(args: readonly string[]): Options | "help" {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values } = parseArgs({ args: [...args], options: { minutes: text, seed: text, json: flag, help: flag } });
  if (values.help === true) return "help";
  return {
    minutes: number("--minutes", values.minutes ?? "10", { from: 0.5, to: 24 * 60 }),
    seed: number("--seed", values.seed ?? String(Date.now() % 1_000_000), { from: 0, to: 2 ** 32 - 1 }),
    json: values.json === true,
  };
}

function number(name: string, given: string, { from, to }: { from: number; to: number }): number {
  const value = Number(given);
  if (given.trim() !== "" && value >= from && value <= to) return value;
  throw new Error(`${name}: got "${given}", expected a number from ${from} to ${to}`);
}
