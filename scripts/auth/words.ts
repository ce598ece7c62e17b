/** The command of a verb that has several. */
import { nearest } from "../../gateways/config/nearest.ts";
import { WrongUse } from "../kit/arguments.ts";

/**
 * The words of a command.
 * @param commands how many names each of them takes
 * @param example a whole command line
 * @throws WrongUse
 */
export function commandIn(
  verb: string,
  commands: Readonly<Record<string, number>>,
  words: readonly string[],
  example: string,
): readonly string[] {
  const [command, ...names] = words;
  const all = Object.keys(commands);
  if (command === undefined) throw new WrongUse(`expected one of ${all.join(", ")}, as in: ${example}`);
  if (!Object.hasOwn(commands, command)) throw new WrongUse(unknown(verb, command, all));
  if (names.length === commands[command]) return words;
  throw new WrongUse(
    commands[command] === 0
      ? `${command}: got ${names[0]}, expected no name`
      : `${command}: expected one name, got ${names.length}`,
  );
}

function unknown(verb: string, command: string, all: readonly string[]): string {
  const meant = nearest(command, all);
  return `there is no "${verb} ${command}". ${meant === undefined ? `There are: ${all.join(", ")}` : `Did you mean ${meant}?`}`;
}
