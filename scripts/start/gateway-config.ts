/** Writes gateway.json, which tells the gateway's process about the services. No secret's value is in it. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { METRICS_PORT } from "../../stacks/catalog/containers.ts";
import type { Service } from "../../stacks/catalog/entry.ts";
import { gatewayValues, limitsCallers } from "../../stacks/catalog/gateway-options.ts";
import { kindOf } from "../../stacks/catalog/kinds/registry.ts";
import { asOptions, keptAtStart, limitsAllCallers, passedAtStart } from "../../stacks/catalog/start-variables.ts";
import { usesVerify, verifyModule, verifySecretOf } from "../../stacks/catalog/verify.ts";
import type { Settings } from "../../stacks/settings.ts";
import { namedTokens, tokenDigests } from "../../stacks/tokens.ts";
import { reviewFor, type ToolsLock } from "../../stacks/tools-lock.ts";
import { hiddenIn } from "../kit/hidden.ts";
import { loginOptions, loginOptionsOfHub, loginSecrets, tokensHere } from "./logins.ts";
import { type Place, type Plan, planServices, secretsAtHand } from "./plan.ts";

/**
 * The whole file. The gateway listens on loopback only, and asks for a token only where MCP_BEARER_TOKEN is set. Of tokens it
 * has digests, so that no server that reads the file, or the gateway's memory, has a token to another service.
 */
export function gatewayConfig(
  services: readonly Service[],
  settings: Settings,
  place: Place,
  lock: ToolsLock = {},
): object {
  const plans = planServices(services, settings, place);
  return {
    port: settings.hubPort,
    host: "127.0.0.1",
    metricsPort: METRICS_PORT, // a METRICS_PORT of the environment's wins
    stopWithParent: true,
    startedBy: "npm start",
    hidden: hiddenIn(place.project),
    ...loginOptionsOfHub(services, settings),
    // The caller is the reader: there is no proxy in front.
    exemptLoopback: !limitsAllCallers(settings),
    mcpServers: Object.fromEntries(
      services.map((service) => [
        service.name,
        entry(service, settings, { plan: plans.get(service.name)!, project: place.project }, lock),
      ]),
    ),
  };
}

/** The gateway's environment: with the secrets that gateway.json refers to, and the options that `.env` sets for it. */
export function gatewayEnvironment(
  services: readonly Service[],
  settings: Settings,
): Record<string, string | undefined> {
  const secrets = services.flatMap((service) => secretsAtHand(service, settings));
  const kept = keptAtStart.filter((name) => !secrets.includes(name));
  const environment = asOptions(settings.environmentWith([...passedAtStart, ...secrets], kept));
  return { ...environment, ...loginSecrets(services, settings) };
}

/** Writes it so that only this user can read it, and at once: a gateway may be reading it. */
export function writeConfig(file: string, config: object): void {
  const fresh = `${file}.new`;
  mkdirSync(dirname(file), { recursive: true });
  rmSync(fresh, { force: true }); // the mode is that of a new file
  writeFileSync(fresh, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, file);
}

interface Placed {
  readonly plan: Plan;
  readonly project: string;
}

function entry(service: Service, settings: Settings, { plan, project }: Placed, lock: ToolsLock): object {
  const reviewedTools = reviewFor(service, lock);
  const version = kindOf(service.server).version?.(service.server);
  const tokens = tokenDigests(service, settings, tokensHere(service, settings));
  const named = namedTokens(service, settings, tokensHere(service, settings));
  return {
    ...plan,
    port: settings.port(service),
    ...gatewayValues(service),
    ...("sandbox" in plan && { sandbox: plan.sandbox }),
    // A list of hosts takes containers: here it is as if there were none.
    ...("command" in plan && service.egress === "none" && { egress: "none" }),
    ...loginOptions(service, settings),
    ...("command" in plan && { verifySecret: verifySecretOf(service) }),
    ...(usesVerify(service) && { verify: verifyModule(service, project) ?? service.verify }),
    ...(reviewedTools !== undefined && { reviewedTools }),
    ...(limitsCallers(service) && { exemptLoopback: false }), // all callers are on this machine
    ...(tokens.length > 0 && { tokenDigests: tokens }),
    ...(named.length > 0 && { namedTokens: named }),
    ...(version !== undefined && { version }),
  };
}
