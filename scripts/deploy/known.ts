/** What the state of a stack knows, as its plan has found it. */
import * as z from "zod/mini";

const resource = z.object({
  address: z.string(),
  type: z.string(),
  values: z._default(z.record(z.string(), z.unknown()), {}),
});

const change = z.object({
  address: z.string(),
  type: z._default(z.string(), ""),
  change: z.object({ actions: z.array(z.string()), after: z.optional(z.nullable(z.record(z.string(), z.unknown()))) }),
});

const plan = z.object({
  resource_changes: z._default(z.array(change), []),
  prior_state: z.optional(
    z.object({
      values: z.optional(
        z.object({
          outputs: z._default(z.record(z.string(), z.object({ value: z.optional(z.unknown()) })), {}),
          root_module: z.object({ resources: z._default(z.array(resource), []) }),
        }),
      ),
    }),
  ),
});

/** What a state knows. */
export interface Known {
  /** The ids of its containers, among them those that wait to be removed. */
  readonly containers: ReadonlySet<string>;
  /** What its networks and volumes are called on the engine, by their addresses. */
  readonly names: ReadonlyMap<string, string>;
  /** What the networks that it is to create are called, by their addresses. */
  readonly newNetworks: ReadonlyMap<string, string>;
  /** The address of the droplet, or of SERVER. @default - the stack has none */
  readonly host?: string;
  /** The tunnel's connector. @default - there is none */
  readonly connector?: Connector;
  /** The id of the tunnel that is ours. @default - there is none, or it was there before */
  readonly tunnelId?: string;
}

/** The container that holds the tunnel's token. */
export interface Connector {
  /** The volume with the token. */
  readonly volume: string;
  /** An image with a shell. */
  readonly writer: string;
  /** The resources that write the token and run with it. */
  readonly addresses: readonly string[];
}

export const KNOWS_NOTHING: Known = { containers: new Set(), names: new Map(), newNetworks: new Map() };

/** @param json what `terraform show -json` prints of a saved plan */
export function readKnown(json: unknown): Known {
  const { prior_state: state, resource_changes: changes } = plan.parse(json);
  const resources = state?.values?.root_module.resources ?? [];
  const texts = (type: string, field: string) =>
    resources
      .filter((one) => one.type === type)
      .map(({ address, values }) => [address, values[field]] as const)
      .filter(isText);
  const outputs = outputsOf(resources, state?.values?.outputs ?? {});
  return {
    containers: new Set(texts("docker_container", "id").map(([, id]) => id)),
    names: new Map([...texts("docker_network", "name"), ...texts("docker_volume", "name")]),
    newNetworks: new Map(
      changes
        .filter(({ type, change }) => type === "docker_network" && change.actions.join() === "create")
        .map(({ address, change }) => [address, change.after?.["name"]] as const)
        .filter(isText),
    ),
    ...(outputs.host !== undefined && { host: outputs.host }),
    ...connectorIn(resources),
    ...(outputs.tunnelId !== undefined && { tunnelId: outputs.tunnelId }),
  };
}

const isText = (pair: readonly [string, unknown]): pair is readonly [string, string] => typeof pair[1] === "string";

function connectorIn(resources: readonly z.infer<typeof resource>[]): { connector?: Connector } {
  const at = (pattern: RegExp) => resources.find(({ address }) => pattern.test(address));
  const volume = at(/^docker_volume\.cloudflared-secrets_/)?.values["name"];
  const writer = at(/^docker_container\.nginx-proxy_/)?.values["image"];
  const addresses = [
    at(/^terraform_data\.cloudflared-secrets_written_/),
    at(/^docker_container\.cloudflared_/),
  ].flatMap((one) => one?.address ?? []);
  if (typeof volume !== "string" || typeof writer !== "string" || addresses.length < 2) return {};
  return { connector: { volume, writer, addresses } };
}

/** What the stack edge says of itself. cdktf may give an output of another stack a longer name. @param own of the state itself */
function outputsOf(
  resources: readonly z.infer<typeof resource>[],
  own: Readonly<Record<string, { value?: unknown }>>,
): { host?: string | undefined; tunnelId?: string | undefined } {
  const remote = resources
    .filter(({ type }) => type === "terraform_remote_state")
    .flatMap(({ values }) => Object.entries((values["outputs"] ?? {}) as Record<string, unknown>));
  const all = [...remote, ...Object.entries(own).map(([name, { value }]) => [name, value] as const)];
  const named = (pattern: RegExp) =>
    all.find(([name, value]) => pattern.test(name) && typeof value === "string")?.[1] as string | undefined;
  return { host: named(/^host$/), tunnelId: named(/^tunnelId$/) };
}
