/** A container that can be replaced while it serves: the next one runs beside it, and takes over only when it can serve. */
import { Container, type ContainerMounts } from "@cdktf/provider-docker/lib/container/index.js";
import { DataResource, Fn, type ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { askAlive, askReady } from "../provision/readiness.ts";
import type { BuiltImage } from "./built-image.ts";
import { confined, memory, variables, whenMountsChange } from "./container-defaults.ts";
import type { Engine } from "./engine.ts";
import { labels, type Part } from "./labels.ts";
import { limitProcesses } from "./process-limit.ts";
import { run } from "./program.ts";

export interface ReleaseProps {
  /** What runs in it, as `gangway status` and `gangway logs` call it. */
  readonly service: string;
  readonly part: Part;
  /** The container of the server that it stands in front of. @default - none */
  readonly server?: Container | undefined;
  /** Its stable name on its networks, whichever release has it. */
  readonly stable: string;
  readonly image: BuiltImage;
  readonly engine: Engine;
  /** Names of its networks. */
  readonly networks: readonly string[];
  /** Where its metrics are read, and its name there. @default - nowhere */
  readonly metrics?: { readonly network: string; readonly alias: string } | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly ContainerMounts[];
  /** MB. */
  readonly memory: number;
  readonly port: number;
  /** Whether it has `/ready` besides `/health`. @default true */
  readonly hasReady?: boolean;
  /** Limit of processes and threads. */
  readonly processes: number;
  /** Seconds that it has to become ready. */
  readonly timeout: number;
  /** Seconds in which it may end and be started again, because what it calls is not up yet. */
  readonly grace: number;
  /** What must be there before it starts. */
  readonly after: readonly ITerraformDependable[];
}

/** Seconds that Docker gives a container to stop. It keeps serving for 12 of them, and then drains for up to 25. */
const STOP_TIMEOUT = 45;

/**
 * Adds the container and its gate to a construct. The container's name has a suffix that is new for each attempt, so the new
 * container can run beside the old one; both share one stable name on the network. The old one is removed once the new one has
 * passed the gate.
 */
export function addRelease(scope: Construct, props: ReleaseProps): void {
  const {
    service,
    part,
    stable,
    image,
    server,
    engine,
    environment,
    mounts,
    port,
    after,
    metrics,
    hasReady = true,
  } = props;
  const container = new Container(scope, "container", {
    // The suffix is new for each attempt: a container that Terraform marks as broken keeps its name until it is replaced.
    name: `${stable}-${Fn.substr(Fn.uuid(), 0, 8)}`,
    image: image.imageId,
    labels: labels({ part, service, release: image.digest }),
    env: variables(environment),
    networksAdvanced: [
      ...props.networks.map((name) => ({ name, aliases: [stable] })),
      ...(metrics ? [{ name: metrics.network, aliases: [metrics.alias] }] : []),
    ],
    mounts: [...mounts],
    ...confined,
    ...memory(props.memory),
    healthcheck: {
      test: ["CMD", ...(hasReady ? askReady(port) : askAlive(port))],
      interval: "30s",
      timeout: "5s",
      retries: 3,
      startPeriod: "1m0s",
    },
    stopTimeout: STOP_TIMEOUT,
    destroyGraceSeconds: STOP_TIMEOUT,
    lifecycle: {
      createBeforeDestroy: true,
      ignoreChanges: ["name"],
      replaceTriggeredBy: [whenMountsChange(scope, mounts)],
    },
    dependsOn: [...after],
  });
  limitProcesses(scope, container, engine, props.processes);
  new DataResource(scope, "gate", {
    triggersReplace: { container: container.id, ...(server && { server: server.id }) },
    provisioners: [
      run("gate", engine, {
        service,
        container: container.name,
        ...(server && { server: server.name }),
        port: String(port),
        timeout: String(props.timeout),
        grace: String(props.grace),
        ...(!hasReady && { ask: "health" }),
      }),
    ],
    lifecycle: { createBeforeDestroy: true },
  });
}
