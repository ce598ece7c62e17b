/** A limit of processes and threads, which the provider has no option for. */
import type { Container } from "@cdktf/provider-docker/lib/container/index.js";
import { DataResource } from "cdktf";
import type { Construct } from "constructs";
import type { Engine } from "./engine.ts";
import { run } from "./program.ts";

/**
 * Limits a container's processes and threads as soon as it exists. Docker keeps the limit when it starts the container again.
 * @example limitProcesses(this, container, engine, 256);
 */
export function limitProcesses(scope: Construct, container: Container, engine: Engine, processes: number): void {
  new DataResource(scope, "limits", {
    triggersReplace: { container: container.id, processes },
    provisioners: [run("limit", engine, { container: container.id, processes: String(processes) })],
  });
}
