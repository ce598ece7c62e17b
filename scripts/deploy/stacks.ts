/** The stacks, and the environment in which they are deployed. */
import { pickNames } from "../../stacks/catalog/define.ts";
import { readSettings, type SettingsSource } from "../../stacks/settings.ts";
import { providerVariables } from "../../stacks/settings/variables.ts";
import type { StateOf } from "./state.ts";

const known = ["local", "edge", "services"];

/** The named stacks, each after those that it depends on. @throws Error when none is named, or one does not exist */
export function stacksOf(names: readonly string[]): readonly string[] {
  if (names.length === 0)
    throw new Error(`expected the stacks to deploy, as in: npx gangway deploy local. There are: ${known.join(", ")}`);
  try {
    const picked = pickNames(known, names);
    return known.filter((name) => picked.includes(name));
  } catch (cause) {
    throw new Error(
      `there is no stack "${names.find((name) => !known.includes(name))}". There are: ${known.join(", ")}`,
      { cause },
    );
  }
}

/** Where the state of a stack is kept, for messages about its failures. */
export function stateOf(stack: string, env: NodeJS.ProcessEnv): StateOf {
  if (stack === "local") return { stack };
  const settings = readSettings([], { env });
  return { stack, bucket: settings.value("STATE_BUCKET"), endpoint: settings.value("STATE_ENDPOINT") };
}

/** The environment of a deploy: our own, plus what the providers read from `.env`. */
export function deployEnvironment(source: SettingsSource = {}): NodeJS.ProcessEnv {
  const settings = readSettings([], source);
  return { ...settings.environmentWith(providerVariables), CHECKPOINT_DISABLE: "1" };
}
