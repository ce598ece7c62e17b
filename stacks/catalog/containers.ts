/** What follows from an entry for its containers: what they are called, and who reaches them. */
import { mcpName } from "../../gateways/config.ts";
import type { Server } from "./kinds/registry.ts";

/** A service, as far as this is decided by it. */
interface Named {
  readonly name: string;
  readonly server: Server;
}

/** Whether a service has a host name. Only an app() can have none. */
export const isPublic = ({ server }: Named): boolean => server.kind !== "app" || server.public;

/** Whether it is an app() on a network of its own. */
export const hasOwnNetwork = ({ server }: Named): boolean => server.kind === "app" && server.network === "own";

/** The name of the network of such an app. */
export const ownNetwork = (name: string): string => `${name}-network`;

/** The stable name of a service's gateway on its networks: `memory-mcp-gateway`, and `mycopa-mcp-gateway` also for `mycopa-mcp`. */
export const gatewayName = (name: string): string => `${mcpName(name)}-gateway`;

/**
 * What has metrics is called so on the networks of monitoring: `memory.metrics`. No service has a dot in its name, so it is nobody
 * else's on another network.
 */
export const metricsName = (name: string): string => `${name}.metrics`;

/** The name of the container that a service's server runs in, without the suffix of its release. */
export const serverName = (name: string): string => `${name}-server`;

/** Where other containers reach a service's gateway, whichever release serves: `http://memory-mcp-gateway:8082/mcp`. */
export const gatewayUrl = ({ name, port }: Named & { readonly port: number }): string =>
  `http://${gatewayName(name)}:${port}/mcp`;

/** The members of a group; none of anything else. */
export const membersOf = ({ server }: Pick<Named, "server">): readonly string[] =>
  server.kind === "group" ? server.members : [];

/** The name by which other containers reach the service. */
export const containerName = ({ name, server }: Named): string => (server.kind === "app" ? name : gatewayName(name));

/** What the authorization server of a deployment is called: its container, its host name under the domain, its image. */
export const AUTH_SERVER = "auth";

/** The label of the host name where a service with logins takes tokens: `memory-key` for `memory`. */
export const keyLabel = (hostname: string): string => `${hostname}-key`;

/** The port of every gateway's metrics. Without `monitored`, only what is in its container reaches it. */
export const METRICS_PORT = 9091;
