/** How the container of a server is connected: to nothing but what the server calls. */
import type { ContainerConfig, ContainerMounts } from "@cdktf/provider-docker/lib/container/index.js";
import type { ITerraformDependable } from "cdktf";
import type { Service } from "../catalog/entry.ts";
import type { Networks } from "./networks.ts";

/** What it is connected to, and by what. */
export interface ServerNetwork {
  /** "none" = no network at all. @default - a network, by `networks` */
  readonly networkMode?: "none";
  /** Names of the networks that it joins. */
  readonly networks: readonly string[];
  readonly mounts: readonly ContainerMounts[];
  /** Environment of the container, for the runner. */
  readonly environment: Readonly<Record<string, string>>;
  /** Settings of the container on top of `confined`. @default {} */
  readonly container?: Partial<ContainerConfig>;
  readonly after: readonly ITerraformDependable[];
}

/** The way out, and the networks of the apps that it reaches. */
export const serverNetwork = (service: Service, networks: Networks): ServerNetwork => ({
  networks: networks.ofServer(service).map(({ name }) => name),
  mounts: [],
  environment: {},
  after: [],
});
