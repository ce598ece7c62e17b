/** The command line of a verb: its flags, and the names beside them. */
import { parseArgs } from "node:util";

/** Each flag by its name, without the dashes. `--help` is always there. */
export type Flags = Readonly<Record<string, "boolean" | "string">>;

/** The flags that were given, by their names. */
export type Values<F extends Flags> = {
  readonly [Name in keyof F]?: (F[Name] extends "boolean" ? boolean : string) | undefined;
};

/** What a person typed. */
export interface Arguments<F extends Flags> {
  readonly help: boolean;
  readonly values: Values<F>;
  readonly names: readonly string[];
}

/** A mistake in the command line. */
export class WrongUse extends Error {}

/** @throws WrongUse for a flag that does not exist, listing those that do */
export function parseArguments<const F extends Flags>(
  argv: readonly string[],
  flags: F,
  takesNames = true,
): Arguments<F> {
  const own = Object.fromEntries(Object.entries(flags).map(([name, type]) => [name, { type }]));
  const options = { help: { type: "boolean", short: "h" }, ...own } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: takesNames });
    const { help = false, ...given } = values;
    return { help, values: given, names: positionals };
  } catch (cause) {
    const problem = (cause as Error).message.split(/\.(?=\s|$)/)[0];
    const all = Object.keys(options).map((name) => `--${name}`);
    throw new WrongUse(`${problem}. There are: ${all.join(", ")}.`, { cause });
  }
}
