/** What an engine says of the containers of a deployment. */
import * as z from "zod/mini";
import { DEPLOYMENT_LABEL, SERVICE_LABEL } from "../../stacks/constructs/labels.ts";
import type { AskEngine } from "./engine-words.ts";

/** A container of a deployment. */
export interface Deployed {
  readonly id: string;
  readonly name: string;
  /** What it is a part of: a service, or itself. */
  readonly service: string;
  readonly isRunning: boolean;
  /** Whether Docker keeps it running. One that it does not only holds files, or has done its work. */
  readonly isKept: boolean;
  readonly isRestarting: boolean;
  readonly restarts: number;
  /** Of its last end. */
  readonly exitCode: number;
  /** Its own check, as words for `docker exec`. @default - it has none */
  readonly check?: readonly string[];
}

const inspected = z.array(
  z.object({
    Id: z.string(),
    Name: z.string(),
    RestartCount: z._default(z.number(), 0),
    State: z.object({
      Running: z.boolean(),
      Restarting: z._default(z.boolean(), false),
      ExitCode: z._default(z.number(), 0),
    }),
    HostConfig: z.optional(z.object({ RestartPolicy: z.optional(z.object({ Name: z.string() })) })),
    Config: z.object({
      Labels: z.optional(z.nullable(z.record(z.string(), z.string()))),
      Healthcheck: z.optional(z.nullable(z.object({ Test: z.optional(z.nullable(z.array(z.string()))) }))),
    }),
  }),
);

/** All containers of a deployment, whatever state they are in. @param deployment what they are labelled with */
export async function containersOf(deployment: string, ask: AskEngine): Promise<Deployed[]> {
  const list = ["ps", "--all", "--quiet", "--no-trunc", "--filter", `label=${DEPLOYMENT_LABEL}=${deployment}`];
  const ids = (await ask(list)).split("\n").filter((id) => id !== "");
  return ids.length === 0 ? [] : readContainers(JSON.parse(await ask(["inspect", "--type", "container", ...ids])));
}

/** @param json what `docker inspect` prints */
export function readContainers(json: unknown): Deployed[] {
  return inspected.parse(json).map(({ Id, Name, RestartCount, State, HostConfig, Config }) => {
    const name = Name.replace(/^\//, "");
    const check = wordsOf(Config.Healthcheck?.Test ?? []);
    return {
      id: Id,
      name,
      service: Config.Labels?.[SERVICE_LABEL] ?? name,
      isRunning: State.Running,
      isKept: HostConfig?.RestartPolicy?.Name !== "no",
      isRestarting: State.Restarting,
      restarts: RestartCount,
      exitCode: State.ExitCode,
      ...(check !== undefined && { check }),
    };
  });
}

/** @see https://docs.docker.com/reference/dockerfile/#healthcheck */
function wordsOf([kind, ...words]: readonly string[]): readonly string[] | undefined {
  if (kind === "CMD") return words;
  return kind === "CMD-SHELL" ? ["sh", "-c", ...words] : undefined;
}
