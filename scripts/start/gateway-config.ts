/** Writes gateway.json, which tells the gateway's process about the services. No secret's value is in it. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Service } from "../../stacks/catalog/entry.ts";
import { gatewayValues, limitsCallers } from "../../stacks/catalog/gateway-options.ts";
import { kindOf } from "../../stacks/catalog/kinds/registry.ts";
import type { Settings } from "../../stacks/settings.ts";
import { type Place, planService, reference, secretsAtHand } from "./plan.ts";

/** The whole file. The gateway listens on loopback only, and asks for a token only where MCP_BEARER_TOKEN is set. */
export function gatewayConfig(services: readonly Service[], settings: Settings, place: Place): object {
  return {
    port: settings.hubPort,
    host: "127.0.0.1",
    exemptLoopback: true, // the caller is the reader: there is no proxy in front
    ...(settings.bearerToken && { tokens: [reference("MCP_BEARER_TOKEN")] }),
    mcpServers: Object.fromEntries(services.map((service) => [service.name, entry(service, settings, place)])),
  };
}

/** The names of the secrets that gateway.json refers to: the gateway's environment must have them. */
export function referredSecrets(services: readonly Service[], settings: Settings): string[] {
  return ["MCP_BEARER_TOKEN", ...services.flatMap((service) => secretsAtHand(service, settings))];
}

/** Writes it so that only this user can read it. */
export function writeConfig(file: string, config: object): void {
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true }); // the mode is that of a new file
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
}

function entry(service: Service, settings: Settings, place: Place): object {
  const version = kindOf(service.server).version?.(service.server);
  return {
    ...planService(service, settings, place),
    port: settings.port(service),
    ...gatewayValues(service),
    ...(limitsCallers(service) && { exemptLoopback: false }), // all callers are on this machine
    ...tokensOf(service, settings),
    ...(version !== undefined && { version }),
  };
}

/** A service's own secret opens it too, where a token is asked for at all. */
function tokensOf(service: Service, settings: Settings): { tokens?: string[] } {
  const [own] = [...service.secrets, ...service.optionalSecrets];
  const isAsked = settings.bearerToken !== undefined && own !== undefined && settings.value(own) !== undefined;
  return isAsked ? { tokens: [reference(own)] } : {};
}
