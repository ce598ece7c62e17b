/** Which release of each service a plan starts, by the labels of its containers. */
import * as z from "zod/mini";
import { PART_LABEL, RELEASE_LABEL, SERVICE_LABEL } from "../../stacks/constructs/labels.ts";
import { kindOf } from "./change-kind.ts";

/** The digests of a service's images by the part that they are for; null for a service that is removed. */
export type PlannedReleases = Readonly<Record<string, Readonly<Record<string, string>> | null>>;

const container = z.object({
  labels: z.optional(z.nullable(z.array(z.object({ label: z.string(), value: z.optional(z.nullable(z.string())) })))),
});

interface Change {
  readonly address: string;
  readonly change: { readonly actions: readonly string[]; readonly before?: unknown; readonly after?: unknown };
}

/** Those of which a container is started, changed or removed. */
export function releasesIn(changes: readonly Change[]): PlannedReleases {
  const releases: Record<string, Record<string, string> | null> = {};
  for (const { address, change } of changes) {
    if (!address.startsWith("docker_container.")) continue;
    const [before, after] = [labelsOf(change.before), labelsOf(change.after)];
    const service = (after ?? before)?.get(SERVICE_LABEL);
    if (service === undefined) continue;
    const kind = kindOf(change.actions);
    if (kind === "none") continue;
    if (kind === "destroy") releases[service] ??= null;
    else releases[service] = { ...releases[service], ...partOf(after) };
  }
  return releases;
}

function partOf(labels: ReadonlyMap<string, string> | undefined): Record<string, string> {
  const [part, release] = [labels?.get(PART_LABEL), labels?.get(RELEASE_LABEL)];
  return part === undefined || release === undefined ? {} : { [part]: release };
}

/** Undefined for what is not there, before or after. */
function labelsOf(values: unknown): ReadonlyMap<string, string> | undefined {
  const { data } = container.safeParse(values);
  return data && new Map((data.labels ?? []).map(({ label, value }) => [label, value ?? ""]));
}
