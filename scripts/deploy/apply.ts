/** Applies a plan, step by step for the person who waits. */
import { tell } from "../kit/print.ts";
import { indent } from "../kit/table.ts";
import { type Held, heldIn, holdersOf } from "./holders.ts";
import type { AskEngine } from "./engine-words.ts";
import type { Planned } from "./planned.ts";
import { stepOf } from "./steps.ts";
import { removeStrays } from "./strays.ts";
import type { StackFolder } from "./terraform.ts";

/** Removes what the state does not know, and applies the plan. @returns whether everything succeeded */
export async function applyOn(folder: StackFolder, { strays, ask }: Planned): Promise<boolean> {
  if (ask !== undefined && strays.length > 0) {
    await removeStrays(strays, ask);
    for (const { name } of strays) tell(indent(`${name} removed: it was left over`));
  }
  const held = new Map<string, Held>();
  const isDone = await folder.apply((event) => {
    const line = stepOf(event);
    if (line !== undefined) tell(indent(line));
    const one = heldIn(event, folder.known);
    if (one !== undefined) held.set(one.name, one);
  });
  if (ask !== undefined) await tellHolders([...held.values()], ask);
  return isDone;
}

async function tellHolders(held: readonly Held[], ask: AskEngine): Promise<void> {
  for (const one of held) {
    const sentence = await holdersOf(one, ask);
    if (sentence !== undefined) tell(indent(sentence));
  }
}
