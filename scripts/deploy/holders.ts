/** Names what holds a network or a volume that Docker does not remove: it says that it is in use, and not by what. */
import * as z from "zod/mini";
import type { AskEngine } from "./engine-words.ts";
import type { Known } from "./known.ts";

const event = z.object({
  type: z.literal("diagnostic"),
  diagnostic: z.object({ summary: z.string(), detail: z._default(z.string(), ""), address: z.optional(z.string()) }),
});

/** A network or volume that is in use. */
export interface Held {
  readonly kind: "network" | "volume";
  readonly name: string;
}

/** What an event of `terraform apply -json` says is in use; undefined for any other. */
export function heldIn(json: unknown, { names }: Known): Held | undefined {
  const { data } = event.safeParse(json);
  if (data === undefined) return undefined;
  const { summary, detail, address = "" } = data.diagnostic;
  if (!/in_use|in use|active endpoints/.test(`${summary} ${detail}`)) return undefined;
  const [, kind] = /^docker_(network|volume)\./.exec(address) ?? [];
  const name = names.get(address);
  return kind === undefined || name === undefined ? undefined : { kind: kind as Held["kind"], name };
}

/** A sentence with the containers that hold it, and what to do. */
export async function holdersOf({ kind, name }: Held, ask: AskEngine): Promise<string> {
  const words = ["ps", "--all", "--filter", `${kind}=${name}`, "--format", "{{.Names}}"];
  const names = (await ask(words)).split("\n").filter((line) => line !== "");
  if (names.length === 0) return `the ${kind} ${name} was in use, and is not any more: try again`;
  return `the ${kind} ${name} is used by ${names.join(", ")}. If you need ${names.length === 1 ? "it" : "them"} no more: docker rm -f ${names.join(" ")}, and try again`;
}
