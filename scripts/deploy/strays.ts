/**
 * Containers of ours that the state does not know: a deploy was killed while Docker made them. Such a gateway has its service's
 * name on the network, so it would go on answering, with the tokens and the version of its day.
 */
import { type Deployed, containersOf } from "./containers.ts";
import type { AskEngine } from "./engine-words.ts";
import type { Known } from "./known.ts";

/** Those of this deployment alone: what another one has on the same engine is not ours to judge. */
export async function straysOf(deployment: string, { containers }: Known, ask: AskEngine): Promise<Deployed[]> {
  return unknownTo(containers, await containersOf(deployment, ask));
}

export const unknownTo = (known: ReadonlySet<string>, all: readonly Deployed[]): Deployed[] =>
  all.filter(({ id }) => !known.has(id));

/** A line for a plan; none where there are none. */
export function straysNotice(strays: readonly Deployed[]): string[] {
  if (strays.length === 0) return [];
  const [are, they] = strays.length === 1 ? ["is", "it"] : ["are", "they"];
  return [
    `${strays.map(told).join(", ")} ${are} left over from a deploy that was killed, and ${they} may still answer calls. The deploy removes ${strays.length === 1 ? "it" : "them"}`,
  ];
}

const told = ({ name, isRunning }: Deployed) => `${name} (${isRunning ? "running" : "stopped"})`;

/** Removes them. Their volumes stay: a running release may use them, too. */
export async function removeStrays(strays: readonly Deployed[], ask: AskEngine): Promise<void> {
  if (strays.length > 0) await ask(["rm", "--force", ...strays.map(({ id }) => id)]);
}
