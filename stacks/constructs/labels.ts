/** What a container says of itself, for whoever looks at the engine. */

/** Tells what runs for a service from what else runs in an engine: `gangway status` and `gangway logs` look for it. */
export const SERVICE_LABEL = "gangway.service";

/** What a container is in its deployment: one of `Part`. */
export const PART_LABEL = "gangway.part";

/** The digest of what the container's image is built from, where it is one of ours. */
export const RELEASE_LABEL = "gangway.release";

/** Which deployment a container is of. */
export const DEPLOYMENT_LABEL = "gangway.deployment";

/** What there is in a deployment. */
export type Part = "gateway" | "server" | "egress" | "app" | "auth" | "proxy" | "port" | "connector" | "certificates";

/** What a container is, for whoever looks at the engine. */
export interface Labelled {
  readonly part: Part;
  /** @default - it is of no service */
  readonly service?: string;
  /** @default - its image is not ours */
  readonly release?: string;
}

/** The labels that say so. */
export const labels = ({ part, service, release }: Labelled) => [
  { label: PART_LABEL, value: part },
  ...(service === undefined ? [] : [{ label: SERVICE_LABEL, value: service }]),
  ...(release === undefined ? [] : [{ label: RELEASE_LABEL, value: release }]),
];
