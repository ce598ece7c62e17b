/** What every verb (`gangway start`, `gangway plan`, ...) does around its own steps. */
import { watchOutput } from "../../gateways/lost-output.ts";
import { type Flags, parseArguments, type Values, WrongUse } from "./arguments.ts";
import { asTyped } from "./as-typed.ts";
import { closeFolder } from "./folder.ts";
import { print, tell } from "./print.ts";

/** A command that a person runs. */
export interface Verb<F extends Flags> {
  /** As a person types it: "gangway plan". */
  readonly name: string;
  /** What `--help` prints. */
  readonly usage: string;
  /** @default - `--help` alone */
  readonly flags?: F;
  /** Flags that it does not take for a reason, which is told: each by its name. @default none */
  readonly refuses?: Readonly<Record<string, string>>;
  /** Whether names may stand beside the flags. @default false */
  readonly takesNames?: boolean;
  /** The steps. Returns the exit code; nothing stands for 0. */
  readonly run: (values: Values<F>, names: readonly string[]) => Promise<number | void> | number | void;
  /** The exit code of an error. @default 1 */
  readonly failed?: number;
  /** What its names are names of, or the words that come first, for shell completion. @default - nothing that is known beforehand */
  readonly completes?: "services" | "stacks" | readonly string[];
  /** Whether it keeps files in the project's `.gangway`, which is made for it. @default true */
  readonly keepsFiles?: boolean;
  /** Whether Ctrl-C (exit code 130) and errors end it at once, together with the processes it started. @default false */
  readonly endsAtOnce?: boolean;
}

/** Gives a verb its types. */
export const defineVerb = <const F extends Flags>(its: Verb<F>): Verb<F> => its;

/** Runs the verb that a script is, with the script's own command line. */
export const verb = <const F extends Flags>(its: Verb<F>): Promise<void> => runVerb(its, process.argv.slice(2));

/** Parses the command line, runs the steps and sets the exit code; prints `<verb>: message` for an error. */
export async function runVerb<const F extends Flags>(its: Verb<F>, argv: readonly string[]): Promise<void> {
  watchOutput();
  if (its.endsAtOnce)
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  try {
    const { takesNames = false, refuses } = its;
    const { help, values, names } = parseArguments(argv, its.flags ?? ({} as F), { takesNames, refuses });
    if (help) return print(asTyped(its.usage));
    if (its.keepsFiles ?? true) closeFolder();
    process.exitCode = (await its.run(values, names)) ?? 0;
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(`it threw ${String(thrown)}`);
    tell(asTyped(`${its.name}: ${where(error)}${error.message}${isWrongUse(error) ? seeHelp(its) : ""}`));
    process.exitCode = isWrongUse(error) ? WRONG_USE : (its.failed ?? 1);
    if (its.endsAtOnce) process.exit();
  }
}

/** The exit code of a mistake in the command line, in every verb. */
const WRONG_USE = 2;

/** A name that the catalog does not have is a mistake like a flag that does not exist. */
const isWrongUse = (error: Error) => error instanceof WrongUse || error.name === "UnknownName";

const seeHelp = ({ name }: { readonly name: string }) => `\nSee: ${name.replace(/^gangway/, "npx gangway")} --help`;

/** The place of a syntax error in TypeScript: Node names it only on the first line of the stack. */
function where(error: Error): string {
  const [first = ""] = error instanceof SyntaxError ? (error.stack?.split("\n") ?? []) : [];
  return /:\d+$/.test(first) ? `${first.replace(/^file:\/\//, "")}: ` : "";
}
