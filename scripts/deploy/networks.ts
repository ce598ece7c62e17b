/** Networks that are to be created, and whose names are taken on the engine: `proxy` is a name that many choose. */
import * as z from "zod/mini";
import { DEPLOYMENT_LABEL } from "../../stacks/constructs/labels.ts";
import type { AskEngine } from "./engine-words.ts";
import type { Known } from "./known.ts";

const listed = z.array(
  z.object({
    Id: z.string(),
    Name: z.string(),
    Labels: z.optional(z.nullable(z.record(z.string(), z.string()))),
    Containers: z.optional(z.nullable(z.record(z.string(), z.object({ Name: z._default(z.string(), "") })))),
  }),
);

/** A network that is there, and that the state does not know. */
export interface Taken {
  /** Of the resource that is to be it. */
  readonly address: string;
  readonly name: string;
  readonly id: string;
  /** Whether an interrupted deploy of this deployment has made it. */
  readonly isOurs: boolean;
  /** The containers that run on it. */
  readonly containers: readonly string[];
}

export async function takenNetworks(deployment: string, { newNetworks }: Known, ask: AskEngine): Promise<Taken[]> {
  if (newNetworks.size === 0) return [];
  const names = new Set((await ask(["network", "ls", "--format", "{{.Name}}"])).split("\n"));
  const wanted = [...newNetworks].filter(([, name]) => names.has(name));
  if (wanted.length === 0) return [];
  const found = listed.parse(JSON.parse(await ask(["network", "inspect", ...wanted.map(([, name]) => name)])));
  return wanted.flatMap(([address, name]) =>
    found
      .filter(({ Name }) => Name === name)
      .map(({ Id, Labels, Containers }) => ({
        address,
        name,
        id: Id,
        isOurs: Labels?.[DEPLOYMENT_LABEL] === deployment,
        containers: Object.values(Containers ?? {})
          .map(({ Name }) => Name)
          .toSorted(),
      })),
  );
}

/** Why a deploy stops at somebody else's network. */
export const notAsked = (taken: readonly Taken[]): string =>
  [
    ...taken.map(
      ({ name, containers }) => `this Docker engine has a network called ${name} already (${inUse(containers)})`,
    ),
    "Expected none of the names of this deployment. Rename or remove yours; or set ADOPT=true in .env, and it is shared: " +
      "the containers on it and those of the deployment reach each other, and a destroy removes it once nothing uses it",
  ].join("\n");

/** What is said of one that is taken over. */
export const adopted = ({ name, isOurs, containers }: Taken): string =>
  isOurs
    ? `the network ${name} is left over from a deploy that was killed: this one goes on with it`
    : `the network ${name} was there already (${inUse(containers)}), and is used as it is, as ADOPT=true says`;

const inUse = (containers: readonly string[]) =>
  containers.length === 0 ? "no container runs on it" : `with ${containers.join(", ")} on it`;
