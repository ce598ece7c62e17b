/** What is wrong with a server that does not start, and what to do about it, as far as what it wrote tells. */
import { asksInVain, servesHttp, wantsArguments } from "./conversation.ts";
import type { Clues, Fault } from "./clues.ts";
import { outputFault } from "./output.ts";
import { packageFaults } from "./packages.ts";
import { endFault, machineFaults } from "./machine.ts";
import { missingVariable } from "./variables.ts";

/** In this order: the more certain a fault is, the earlier it is looked for. */
const checks: readonly ((clues: Clues) => string | undefined)[] = [
  (clues) => foundIn(packageFaults, clues),
  (clues) => foundIn(machineFaults, clues),
  missingVariable,
  wantsArguments,
  asksInVain,
  servesHttp,
  outputFault,
  endFault,
];

/** @returns whole sentences, or undefined when nothing is known to help */
export function diagnose(clues: Clues): string | undefined {
  for (const check of checks) {
    const fault = check(clues);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function foundIn(faults: readonly Fault[], clues: Clues): string | undefined {
  const said = `${clues.stderr}\n${clues.stdout}`;
  for (const [seen, told] of faults) {
    const found = seen.exec(said);
    const fault = found && (typeof told === "string" ? told : told(found, clues));
    if (fault) return fault;
  }
  return undefined;
}
