/** What an engine says of the containers of a deployment. */
import * as z from "zod/mini";
import { DEPLOYMENT_LABEL, PART_LABEL, RELEASE_LABEL, SERVICE_LABEL } from "../../stacks/constructs/labels.ts";
import type { Deployment } from "../kit/deployment.ts";

/** A container, as far as `gangway status` tells of it. */
export interface Inspected {
  readonly id: string;
  readonly name: string;
  /** "" for what serves all of them, as the proxy. */
  readonly service: string;
  /** What it is: gateway, server, app, proxy, ... */
  readonly part: string;
  /** The digest of what its image is built from; "" where that is not ours. */
  readonly release: string;
  /** The name of its image, or its id. */
  readonly image: string;
  readonly isRunning: boolean;
  /** Whether Docker keeps it running. One that it does not only holds files. */
  readonly isKept: boolean;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly exitCode: number;
  /** Whether it was ended at its last end because it had no memory left. */
  readonly wasOutOfMemory: boolean;
  /** How often Docker has started it again. */
  readonly restarts: number;
  /** What its own check said last. @default - it has none */
  readonly health?: string | undefined;
  /** Host names that lead to it. */
  readonly hosts: readonly string[];
  /** The port of its gateway. */
  readonly port?: string | undefined;
  /** Whether it has the certificates. */
  readonly hasCertificates: boolean;
}

const inspected = z.array(
  z.object({
    Id: z.string(),
    Name: z.string(),
    Image: z.string(),
    RestartCount: z._default(z.number(), 0),
    State: z.object({
      Running: z.boolean(),
      ExitCode: z._default(z.number(), 0),
      OOMKilled: z._default(z.boolean(), false),
      StartedAt: z.string(),
      Health: z.optional(z.nullable(z.object({ Status: z.string() }))),
    }),
    HostConfig: z.object({ RestartPolicy: z.object({ Name: z.string() }) }),
    Config: z.object({
      Env: z._default(z.nullable(z.array(z.string())), []),
      Labels: z._default(z.nullable(z.record(z.string(), z.string())), {}),
    }),
    Mounts: z._default(z.array(z.object({ Destination: z.string() })), []),
  }),
);

/** Where nginx-proxy has certificates. */
export const CERTIFICATES = "/etc/nginx/certs";

/** All containers of a deployment, whatever state they are in. */
export async function inspectAll({ label, ask }: Pick<Deployment, "label" | "ask">): Promise<Inspected[]> {
  const list = ["ps", "--all", "--quiet", "--no-trunc", "--filter", `label=${DEPLOYMENT_LABEL}=${label}`];
  const ids = (await ask(list)).split("\n").filter((id) => id !== "");
  if (ids.length === 0) return [];
  const containers = readInspected(JSON.parse(await ask(["inspect", "--type", "container", ...ids])));
  const names = await namesOf([...new Set(containers.map(({ image }) => image))], ask);
  return containers.map((one) => ({ ...one, image: names.get(one.image) ?? one.image }));
}

/** Names of images, by their ids. One whose name was given to another image has none. */
async function namesOf(ids: readonly string[], ask: Deployment["ask"]): Promise<ReadonlyMap<string, string>> {
  const format = "{{.Id}}{{range .RepoTags}} {{.}}{{end}}";
  const lines = (await ask(["image", "inspect", "--format", format, ...ids])).split("\n");
  const named = lines
    .map((line) => line.split(" "))
    .flatMap(([id = "", name]) => (name === undefined ? [] : [[id, name] as const]));
  return new Map(named);
}

/** @param json what `docker inspect` prints */
export function readInspected(json: unknown): Inspected[] {
  return inspected.parse(json).map(({ Id, Name, Image, RestartCount, State, HostConfig, Config, Mounts }) => {
    const labels = Config.Labels ?? {};
    const variable = (name: string) => Config.Env?.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
    return {
      id: Id,
      name: Name.replace(/^\//, ""),
      service: labels[SERVICE_LABEL] ?? "",
      part: labels[PART_LABEL] ?? "",
      release: labels[RELEASE_LABEL] ?? "",
      image: Image,
      isRunning: State.Running,
      isKept: HostConfig.RestartPolicy.Name !== "no",
      startedAt: State.StartedAt,
      exitCode: State.ExitCode,
      wasOutOfMemory: State.OOMKilled,
      restarts: RestartCount,
      health: State.Health?.Status,
      hosts: variable("VIRTUAL_HOST")?.split(",") ?? [],
      port: variable("VIRTUAL_PORT"),
      hasCertificates: Mounts.some(({ Destination }) => Destination === CERTIFICATES),
    };
  });
}
