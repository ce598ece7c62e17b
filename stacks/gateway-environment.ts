/** What a gateway's container is told: the gateway's own environment contract, typed on both sides. */
import { gatewayOptions, serverOptions, serviceOptions } from "../gateways/config.ts";
import type { Server, Service } from "./catalog/entry.ts";
import { SECRETS } from "./constructs/secret-volume.ts";
import { commandOf, STATE } from "./images/server-image.ts";

const options = { ...serverOptions, ...serviceOptions, ...gatewayOptions };

type Values = Partial<Record<keyof typeof options, string>>;

/** A service whose gateway is ours: every one but the apps. */
export type McpService = Service & { readonly server: Exclude<Server, { kind: "app" }> };

/** nginx believes for 10 s that a release which refused a connection is away: until then the one before serves on. */
const DRAIN_DELAY = "12s";

/** Where the proxy's requests come from. */
const PRIVATE_NETWORKS = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16";

/** MB of a container that the gateway needs for itself, and for each process of a server. */
const MEMORY = { gateway: 128, server: 64 } as const;

/**
 * The variables of a service's gateway. No secret's value is among them.
 * @param host the name under which it is called, besides its stable one
 * @param secrets names of the secrets that are there
 * @param allowedOrigins origins of web pages that may call, separated by commas; without it there are none
 */
export function gatewayEnvironment(
  service: McpService,
  host: string,
  secrets: readonly string[],
  allowedOrigins?: string,
): Record<string, string> {
  const { name, isolation, serial, revive, idleTtl, port, memory } = service;
  const values: Values = {
    name,
    port: String(port),
    host: "0.0.0.0",
    isolation,
    serial: String(serial),
    revive: String(revive),
    idleTtl,
    maxChildren: String(Math.max(1, Math.floor((memory - MEMORY.gateway) / MEMORY.server))),
    allowedHosts: `${host},${name}-mcp-gateway`,
    ...(allowedOrigins !== undefined && { allowedOrigins }),
    trustedProxies: PRIVATE_NETWORKS,
    drainDelay: DRAIN_DELAY,
    stateDir: STATE,
    ...serverOf(service, secrets),
  };
  return { ...variables(values), ...files(service, secrets) };
}

function serverOf({ server, env }: McpService, secrets: readonly string[]): Values {
  if ("url" in server) return { url: server.url, urlType: server.kind };
  const given = [...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...secrets];
  return { stdio: words(commandOf(server)), ...(given.length > 0 && { env: given.join("\n") }) };
}

/** Where it finds what is secret. In front of an upstream, the service's first secret is the token for that. */
function files({ server, secrets: [first] }: McpService, secrets: readonly string[]): Record<string, string> {
  const names = [["MCP_BEARER_TOKEN", "MCP_BEARER_TOKEN"], ...secrets.map((name) => [name, name])];
  if ("url" in server && first !== undefined) names.push([serverOptions.upstreamToken.env, first]);
  return Object.fromEntries(names.map(([variable, secret]) => [`${variable}_FILE`, `${SECRETS}/${secret}`]));
}

function variables(values: Values): Record<string, string> {
  const entries = Object.entries(values) as [keyof typeof options, string][];
  return Object.fromEntries(entries.map(([key, value]) => [options[key].env, value]));
}

/** A command line that the gateway reads as these words. */
const words = (parts: readonly string[]) =>
  parts.map((part) => (/^[\w@%+=:,./-]+$/.test(part) ? part : `'${part.replaceAll("'", `'\\''`)}'`)).join(" ");
