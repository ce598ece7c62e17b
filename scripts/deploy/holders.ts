/** Names what holds a network or a volume that Docker does not remove: Terraform says that it has waited, and not for what. */
import * as z from "zod/mini";
import type { AskEngine } from "./engine-words.ts";
import type { Known } from "./known.ts";

const kinds = { docker_network: "network", docker_volume: "volume" } as const;

/** Terraform's message about it names no resource; this event does. */
const event = z.object({
  type: z.literal("apply_errored"),
  hook: z.object({
    action: z.literal("delete"),
    resource: z.object({ addr: z.string(), resource_type: z.enum(["docker_network", "docker_volume"]) }),
  }),
});

/** A network or volume that was not removed. */
export interface Held {
  readonly kind: (typeof kinds)[keyof typeof kinds];
  readonly name: string;
}

/** What an event of `terraform apply -json` says was not removed; undefined for any other. */
export function heldIn(json: unknown, { names }: Known): Held | undefined {
  const { data } = event.safeParse(json);
  if (data === undefined) return undefined;
  const { addr, resource_type: type } = data.hook.resource;
  const name = names.get(addr);
  return name === undefined ? undefined : { kind: kinds[type], name };
}

/** A sentence with the containers that hold it, and what to do; undefined where there are none, or the engine does not say. */
export async function holdersOf({ kind, name }: Held, ask: AskEngine): Promise<string | undefined> {
  const words = ["ps", "--all", "--filter", `${kind}=${name}`, "--format", "{{.Names}}"];
  const said = await ask(words).catch(() => "");
  const names = said.split("\n").filter((line) => line !== "");
  if (names.length === 0) return undefined;
  return `the ${kind} ${name} is used by ${names.join(", ")}. If you need ${names.length === 1 ? "it" : "them"} no more: docker rm -f ${names.join(" ")}, and try again`;
}
