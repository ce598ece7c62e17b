/** Writes gateway.json: what the gateway's process is told about the services, with no secret's value in it. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Server, Service } from "../../stacks/catalog/entry.ts";
import type { Settings } from "../../stacks/settings.ts";
import { type Machine, planService, reference, secretsAtHand } from "./plan.ts";

/** The whole file. Without MCP_BEARER_TOKEN there are no tokens in it, and the gateway listens on loopback only. */
export function gatewayConfig(services: readonly Service[], settings: Settings, machine: Machine): object {
  return {
    port: settings.hubPort,
    host: "127.0.0.1",
    exemptLoopback: true, // whoever calls is the reader: no proxy stands in front
    ...(settings.bearerToken && { tokens: [reference("MCP_BEARER_TOKEN")] }),
    mcpServers: Object.fromEntries(services.map((service) => [service.name, entry(service, settings, machine)])),
  };
}

/** The names of the secrets that gateway.json refers to: the gateway's environment must have them. */
export function referredSecrets(services: readonly Service[], settings: Settings): string[] {
  return ["MCP_BEARER_TOKEN", ...services.flatMap((service) => secretsAtHand(service, settings))];
}

/** Writes it for our own eyes only. */
export function writeConfig(file: string, config: object): void {
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true }); // the mode is that of a new file
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
}

function entry(service: Service, settings: Settings, machine: Machine): object {
  const { isolation, serial, revive, idleTtl } = service;
  const version = versionOf(service.server);
  return {
    ...planService(service, settings, machine),
    port: settings.port(service),
    isolation,
    serial,
    revive,
    idleTtl,
    ...tokensOf(service, settings),
    ...(version !== undefined && { version }),
  };
}

/** Whoever has a service's own secret may call it too, where callers are asked at all. */
function tokensOf(service: Service, settings: Settings): { tokens?: string[] } {
  const [own] = [...service.secrets, ...service.optionalSecrets];
  const isAsked = settings.bearerToken !== undefined && own !== undefined && settings.value(own) !== undefined;
  return isAsked ? { tokens: [reference(own)] } : {};
}

function versionOf(server: Server): string | undefined {
  if ("package" in server) return /(?:==|(?<=.)@)([^@=]+)$/.exec(server.package)?.[1];
  if ("image" in server) return /(?:@sha256)?:([^:/]+)$/.exec(server.image)?.[1];
  return undefined;
}
