/** The stacks, and the environment in which they are deployed. */
import { WrongUse } from "../kit/arguments.ts";
import { stackNames } from "../kit/stack-names.ts";
import { pickNames } from "../../stacks/catalog/pick.ts";
import { readSettings, type SettingsSource } from "../../stacks/settings.ts";
import { NOTIFY_URL, providerVariables } from "../../stacks/settings/variables.ts";
import type { StateOf } from "./state.ts";

/** The named stacks in their order. @param verb for the example @throws WrongUse, UnknownName */
export function stacksOf(names: readonly string[], verb: string): readonly string[] {
  if (names.length > 0) return pickNames(stackNames, names, "stack");
  throw new WrongUse(`expected a stack, as in: npx gangway ${verb} local. There are: ${stackNames.join(", ")}`);
}

/** The stack whose host is meant; without a name, that of this machine. @throws WrongUse for several */
export function stackOf(names: readonly string[], verb: string): string {
  if (names.length > 1)
    throw new WrongUse(`got ${names.join(" ")}, expected one stack, as in: npx gangway ${verb} services`);
  return names.length === 0 ? "local" : stacksOf(names, verb)[0]!;
}

/** Where the state of a stack is kept, for messages about its failures. */
export function stateOf(stack: string, env: NodeJS.ProcessEnv): StateOf {
  if (stack === "local") return { stack };
  const settings = readSettings([], { env });
  return { stack, bucket: settings.value("STATE_BUCKET"), endpoint: settings.value("STATE_ENDPOINT") };
}

/** The environment of a deploy: our own, plus what the providers read from `.env`, and without what they have no use for. */
export function deployEnvironment(source: SettingsSource = {}): NodeJS.ProcessEnv {
  const settings = readSettings([], source);
  return { ...settings.environmentWith(providerVariables, [NOTIFY_URL]), CHECKPOINT_DISABLE: "1" };
}
