/** Which stacks there are, and what a synth says to its reader. */
import type { App } from "cdktf";
import { AUTH_SERVER, isPublic } from "./catalog/containers.ts";
import type { Service } from "./catalog/entry.ts";
import { gatewayExpects } from "./catalog/gateway-options.ts";
import { type Engine, engineAt, thisMachine } from "./constructs/engine.ts";
import { type Deployable, deployable, withoutMember } from "./deployable.ts";
import { deploymentOf } from "./deployment.ts";
import { localHost } from "./local.ts";
import { shownMachine } from "./machine/address.ts";
import { hasAuthServer, hostLabels } from "./logins.ts";
import type { GatewayFiles, ProgramFiles } from "./images/bundle.ts";
import type { Pins } from "./images/pins.ts";
import { ServicesStack } from "./services-stack.ts";
import { costPerMonth } from "./preflight/cost.ts";
import { loginProblems } from "./preflight/logins.ts";
import { originProblems } from "./preflight/origins.ts";
import { type Settings, SettingsError } from "./settings.ts";
import { providerVariables, WITHOUT_DOMAIN } from "./settings/variables.ts";
import { type CloudSettings, loginOf, missingValues, readCloudSettings } from "./settings/cloud.ts";
import { misplacedSecrets } from "./settings/misplaced.ts";
import { pinnedUnreviewed, type ToolsLock } from "./tools-lock.ts";
import { checkTokensHere } from "./tokens.ts";
import { keepState, keepStateHere, stateProblems } from "./state.ts";

export interface AppParts {
  readonly services: readonly Service[];
  readonly settings: Settings;
  readonly gateway: GatewayFiles;
  /** The files of the authorization server, where callers of a service log in at ours. */
  readonly authServer?: ProgramFiles | undefined;
  readonly pins: Pins;
  /** The reviewed tools. @default - none are */
  readonly toolsLock?: ToolsLock;
  /** The Docker engine of this machine. @default - at its default place */
  readonly engine?: Engine;
  /** What this machine's deployment is called. @default - a name of its own for each project, which is kept */
  readonly deployment?: string;
}

/**
 * Adds `edge` and `services` when DOMAIN is set.
 * @returns lines for the reader
 * @throws SettingsError that names everything that is missing or wrong
 */
export async function addCloudStacks(
  app: App,
  { services: all, settings, gateway, authServer, pins, toolsLock = {} }: AppParts,
): Promise<string[]> {
  refuse([
    ...misplacedSecrets(all, settings),
    ...originProblems(settings.value("ALLOWED_ORIGINS")).map(settings.told),
    ...logLevelProblems(settings.value("LOG_LEVEL")).map(settings.told),
    ...loginProblems(all, settings),
  ]);
  const { services, left, absent } = deployable(all, settings);
  refuse(pinnedUnreviewed(services, toolsLock));
  const cloud = readCloudSettings(settings, services);
  if (cloud === undefined) return [withoutDomain(settings)];
  refuse(stateProblems(settings).map(settings.told));
  const { domain, exposure } = cloud;
  const { EdgeStack } = await import("./edge-stack.ts"); // its providers take a while to load, and stack local needs none
  const edge = new EdgeStack(app, "edge", {
    ...cloud,
    mode: exposure,
    hostnames: hostLabels(services.filter(isPublic), settings),
  });
  const stack = new ServicesStack(app, "services", {
    deployment: domain,
    services,
    settings,
    gateway,
    authServer,
    pins: pins["services"] ?? {},
    toolsLock,
    engine: engineAt(edge.host, loginOf(settings)),
    hostOf: ({ hostname }) => `${hostname}.${domain}`,
    limit: {
      rate: cloud.proxyRateLimit,
      burst: 2 * cloud.proxyRateLimit,
      exceptHost: hasAuthServer(services, settings) ? `${AUTH_SERVER}.${domain}` : undefined,
    },
    certificates: { email: cloud.letsencryptEmail, challenge: cloud.challenge },
    ...(edge.cloudflare && { directFrom: edge.cloudflare }),
    ...(edge.tunnelId !== undefined && { tunnelId: edge.tunnelId }),
  });
  for (const each of [edge, stack]) keepState(each, settings);
  return [...leftOut("services", { left, absent }), ...onlyInFile(settings), costOf(cloud)];
}

function costOf({ machine, size, volumeSize, exposure: mode }: CloudSettings): string {
  if (machine !== undefined)
    return `edge makes no droplet: it uses ${shownMachine(machine)} (Cloudflare's part is free)`;
  return `edge costs ${costPerMonth({ size, volumeSize, mode })} (DigitalOcean; Cloudflare's part is free)`;
}

/** Adds `local`, with the services whose secrets are set. @returns lines for the reader */
export function addLocalStack(
  app: App,
  { services: all, settings, gateway, authServer, pins, toolsLock = {}, engine = thisMachine, ...parts }: AppParts,
): string[] {
  const { deployment = deploymentOf("local", settings) } = parts;
  const { services, left, absent } = deployable(all, settings);
  refuse(pinnedUnreviewed(services, toolsLock));
  const notes = checkTokensHere(services, settings);
  const stack = new ServicesStack(app, "local", {
    deployment,
    services,
    settings,
    gateway,
    authServer,
    pins: pins["local"] ?? {},
    toolsLock,
    engine,
    portOf: (service) => (isPublic(service) ? settings.port(service) : settings.movedPort(service)),
    hostOf: localHost,
  });
  keepStateHere(stack);
  return [...notes, ...leftOut("local", { left, absent })];
}

const leftOut = (stack: string, { left, absent }: Pick<Deployable, "left" | "absent">) => [
  ...left.map(({ name, missing }) => `${stack} is without ${name}: it needs ${missing.join(" and ")}`),
  ...absent.map((member) => `${stack}: ${withoutMember(member)}`),
];

function withoutDomain(settings: Settings): string {
  const names = missingValues(settings).map(([name]) => name);
  return `${WITHOUT_DOMAIN}; edge and services would need DOMAIN, ${names.join(", ")}`;
}

/** Terraform's providers read only the environment. */
function onlyInFile(settings: Settings): string[] {
  const names = providerVariables.filter((name) => settings.isOnlyInFile(name));
  if (names.length === 0) return [];
  return [
    `${names.join(" and ")} are set only in .env, where Terraform's providers do not look: ` +
      "deploy with `npx gangway deploy edge services`, or export them",
  ];
}

/** Its containers would not start with it. */
function logLevelProblems(level: string | undefined): string[] {
  const expected = level === undefined ? undefined : gatewayExpects("logLevel", level);
  return expected === undefined ? [] : [`LOG_LEVEL is "${level}", expected ${expected}`];
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new SettingsError(problems.join("\n"));
}
