/** Looks at the machine of SERVER before a plan: what would be changed on it, which Terraform cannot say. */
import { readMachine, shownMachine } from "../../stacks/machine/address.ts";
import { changesOf } from "../../stacks/machine/apply.ts";
import { connect } from "../../stacks/machine/connect.ts";
import { machineSteps, PREPARED } from "../../stacks/machine/first-boot.ts";
import { readSettings } from "../../stacks/settings.ts";
import { confirm } from "../kit/ask.ts";
import { tell } from "../kit/print.ts";
import type { PlanOptions } from "./terraform.ts";

/** What would be changed on the machine. */
export interface MachineChanges {
  /** The machine, as in SERVER. */
  readonly name: string;
  /** A line each. None: it is as we need it. */
  readonly lines: readonly string[];
}

/**
 * Looks at the machine, if one of these stacks is for it.
 * @param mayAsk whether a person may be asked about its host key
 * @returns undefined where no machine is looked at
 * @throws Error when it cannot be reached, is not the one that is meant, or is none that we work on
 */
export async function lookAtMachine(stacks: readonly string[], mayAsk: boolean): Promise<MachineChanges | undefined> {
  const settings = readSettings([]);
  const machine = readMachine(settings.value("SERVER") ?? "");
  if (machine === undefined || !stacks.some((stack) => stack !== "local")) return undefined;
  tell(`  looking at ${shownMachine(machine)} ...`); // not a line that moves: there may be a question
  const direct = settings.value("EXPOSURE") === "direct";
  const [keyFile, hostKey] = [settings.sshKeyFile, settings.value("SERVER_HOST_KEY")];
  const ask = mayAsk && process.stdin.isTTY ? confirm : undefined;
  const connected = await connect({ machine, direct, keyFile, hostKey, ask });
  // The containers of services come after what edge does.
  const steps = stacks.includes("edge") ? machineSteps(connected.user) : [];
  return { name: connected.name, lines: await changesOf(connected, steps) };
}

/** The changes for a terminal or a comment; undefined where nothing would be changed. */
export function machineSummary(changes: MachineChanges | undefined): string | undefined {
  if (changes === undefined || changes.lines.length === 0) return undefined;
  return [`### on ${changes.name}`, "```", ...changes.lines, "```"].join("\n");
}

/** How to plan a stack so that an apply does what is missing on the machine. */
export const planFor = (stack: string, changes: MachineChanges | undefined): PlanOptions =>
  stack === "edge" && changes !== undefined && changes.lines.length > 0
    ? { replace: [`terraform_data.${PREPARED}`] }
    : {};
