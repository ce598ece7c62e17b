/** What a plan does to people and data that its list of resources does not show. */
import * as z from "zod/mini";
import { SERVICE_LABEL } from "../../stacks/constructs/labels.ts";
import { type ChangeKind, kindOf } from "./change-kind.ts";

/** A container before and after. */
export interface ContainerChange {
  readonly address: string;
  readonly kind: ChangeKind;
  readonly name: string;
  /** The service that it is a part of. @default - none */
  readonly service?: string;
  /** Its volumes for data by the path in it. */
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
}

/** Terraform writes null for what is not set. */
const container = z.object({
  name: z.optional(z.nullable(z.string())),
  labels: z.optional(z.nullable(z.array(z.object({ label: z.string(), value: z.string() })))),
  mounts: z.optional(
    z.nullable(z.array(z.object({ type: z.string(), target: z.string(), source: z.optional(z.nullable(z.string())) }))),
  ),
});

const NONE = container.parse({});

/** @returns undefined for what is no container */
export function containerChange(
  address: string,
  { actions, before, after }: { actions: readonly string[]; before?: unknown; after?: unknown },
): ContainerChange | undefined {
  if (!address.startsWith("docker_container.")) return undefined;
  const [was, is] = [before, after].map((values) => container.safeParse(values ?? {}).data ?? NONE);
  const service = [...(was!.labels ?? []), ...(is!.labels ?? [])].find(({ label }) => label === SERVICE_LABEL)?.value;
  return {
    address,
    kind: kindOf(actions),
    name: was!.name || is!.name || "",
    ...(service !== undefined && { service }),
    before: dataOf(was!),
    after: dataOf(is!),
  };
}

/** Volumes with secrets come and go with their values, and Terraform knows them. */
const dataOf = ({ mounts }: z.infer<typeof container>) =>
  new Map(
    (mounts ?? [])
      .map(({ type, target, source }) => ({ type, target, source: source ?? "" }))
      .filter(
        ({ type, source }) =>
          type === "volume" && source.startsWith("gangway-") && !/-secrets-|-resources$/.test(source),
      )
      .map(({ target, source }) => [target, source]),
  );

/** A line for each. */
export function noticesOf(all: readonly (ContainerChange | undefined)[]): string[] {
  const changes = all.filter((one) => one !== undefined);
  return [...proxyNotice(changes), ...changes.flatMap(renamedVolumes), ...removedServices(changes)];
}

/** There is one proxy, and its name is taken while it runs: the old one ends before the new one begins. */
function proxyNotice(changes: readonly ContainerChange[]): string[] {
  const isReplaced = changes.some(({ name, kind }) => name === "nginx-proxy" && kind === "replace");
  return isReplaced
    ? [
        "nginx-proxy is replaced: calls fail and streams end for the seconds that this takes. Clients connect again by themselves",
      ]
    : [];
}

function renamedVolumes({ before, after, name, service = name }: ContainerChange): string[] {
  return [...before].flatMap(([path, was]) => {
    const is = after.get(path);
    if (is === undefined || is === was || [...before.values()].includes(is)) return [];
    return [
      `${service}: ${path} is in the volume ${is} from now on, without what is in ${was}. To take it along: ` +
        `docker run --rm -v ${was}:/from:ro -v ${is}:/to debian:bookworm-slim cp -a /from/. /to/`,
    ];
  });
}

/** The data of a service outlives it, because nobody can bring it back. */
function removedServices(changes: readonly ContainerChange[]): string[] {
  const stay = new Set(changes.filter(({ kind }) => kind !== "destroy").map(({ service }) => service));
  const gone = changes.filter(({ kind, service }) => kind === "destroy" && service !== undefined && !stay.has(service));
  return [...new Set(gone.map(({ service }) => service!))].map((service) => {
    const volumes = [
      ...new Set(gone.filter((one) => one.service === service).flatMap(({ before }) => [...before.values()])),
    ];
    const data =
      volumes.length === 0 ? "" : `. Its data stays; to delete it for ever: docker volume rm ${volumes.join(" ")}`;
    return `${service} is removed${data}`;
  });
}
