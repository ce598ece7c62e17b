/** What the gateway of compose.yaml serves: those services of the catalog that can run in one container with it. */
import type { Service } from "../../../stacks/catalog/entry.ts";
import { gatewayValues } from "../../../stacks/catalog/gateway-options.ts";
import { kindOf } from "../../../stacks/catalog/kinds/registry.ts";
import { STATE } from "../../../stacks/images/server-image.ts";
import { isLogin } from "../../../stacks/settings/auth.ts";
import type { Settings } from "../../../stacks/settings.ts";
import { followVolume } from "../../kit/volumes.ts";
import { commandIn, type ImageFiles, imageFiles } from "./image.ts";

/** What is served, and what is not. */
export interface Served {
  readonly services: readonly Service[];
  readonly left: readonly Left[];
  /** gateway.json. Secrets are in it by name only. */
  readonly config: object;
  readonly image: ImageFiles;
  /** Volumes by where they are mounted. */
  readonly volumes: Readonly<Record<string, string>>;
  /** Names of the secrets that gateway.json refers to. */
  readonly secrets: readonly string[];
  /** MB of the container. */
  readonly memory: number;
}

/** A service that this gateway cannot serve. */
export interface Left {
  readonly name: string;
  /** What it needs. */
  readonly needs: string;
}

/** MB that the gateway needs for itself, and for each process of a server: as in a container of its own. */
const MEMORY = { gateway: 128, server: 64 } as const;

/** Where the container keeps the services' volumes. */
const DATA = "/data";

/** @throws Error when none of the services can be served */
export function serve(services: readonly Service[], settings: Settings): Served {
  const left = leftOut(services, settings);
  const kept = services.filter(({ name }) => !left.some((one) => one.name === name));
  if (kept.length === 0) throw new Error(["the gateway would serve nothing", ...left.map(told)].join("\n"));
  const names = kept.map(({ name }) => name);
  const volumes = kept.flatMap((service) => Object.values(service.volumes));
  return {
    services: kept,
    left,
    config: {
      port: settings.hubPort,
      host: "0.0.0.0",
      stateDir: STATE,
      mcpServers: Object.fromEntries(kept.map((service) => [service.name, entryOf(service, names, settings)])),
    },
    image: imageFiles(kept),
    volumes: { [STATE]: "state", ...Object.fromEntries(volumes.map((volume) => [`${DATA}/${volume}`, volume])) },
    secrets: [...new Set(kept.flatMap((service) => secretsOf(service, settings)))],
    memory: MEMORY.gateway + kept.filter(isProcess).reduce((sum, { memory }) => sum + memory, 0),
  };
}

/** What a person reads of a service that is left out. */
export const told = ({ name, needs }: Left): string => `${name} is left out: it needs ${needs}`;

/** A group is left out when all of its members are. */
function leftOut(services: readonly Service[], settings: Settings): readonly Left[] {
  const left = services.flatMap((service) => neededBy(service, settings));
  const isServed = (name: string) =>
    services.some((one) => one.name === name) && !left.some((one) => one.name === name);
  const empty = services.flatMap((service) => {
    const members = membersOf(service);
    return members === undefined || members.some(isServed) ? [] : [{ name: service.name, needs: members.join(" or ") }];
  });
  return [...left, ...empty];
}

function neededBy(service: Service, settings: Settings): Left[] {
  const missing = service.secrets.filter((secret) => settings.value(secret) === undefined);
  const isAlone = service.reaches.length > 0 || (isProcess(service) && commandIn(service.server) === undefined);
  const needs = [
    ...(isAlone ? ["a container of its own (npx gangway deploy local)"] : []),
    ...(isLogin(settings.auth(service)) ? ["an authorization server (npx gangway deploy local)"] : []),
    ...missing,
  ];
  return needs.length > 0 ? [{ name: service.name, needs: needs.join(" and ") }] : [];
}

function entryOf(service: Service, served: readonly string[], settings: Settings): object {
  const version = kindOf(service.server).version?.(service.server);
  return {
    ...answersOf(service, served, settings),
    port: settings.port(service),
    ...gatewayValues(service),
    ...(version !== undefined && { version }),
  };
}

/** Where its answers come from. */
function answersOf(service: Service, served: readonly string[], settings: Settings): object {
  const kind = kindOf(service.server);
  switch (kind.role) {
    case "upstream":
      return { type: kind.type, url: kind.url(service.server), ...headersFor(service) };
    case "group":
      return { group: kind.members(service.server).filter((member) => served.includes(member)) };
    case "stdio":
      return processOf(service, settings);
    case "app":
      throw new Error(`${service.name} is no MCP server`);
  }
}

function processOf(service: Service, settings: Settings): object {
  const [command, ...args] = commandIn(service.server)!.map((word) => followVolume(word, service.volumes, DATA));
  const plain = Object.entries(service.env).map(([name, value]) => [name, followVolume(value, service.volumes, DATA)]);
  const secrets = secretsOf(service, settings).map((name) => [name, `\${${name}}`]);
  const maxChildren = Math.max(1, Math.floor((service.memory - MEMORY.gateway) / MEMORY.server));
  return { command, args, env: Object.fromEntries([...plain, ...secrets]) as object, maxChildren };
}

const headersFor = ({ secrets: [bearer] }: Service): object =>
  bearer === undefined ? {} : { headers: { Authorization: `Bearer \${${bearer}}` } };

/** Those that are set. */
const secretsOf = ({ secrets, optionalSecrets }: Service, settings: Settings): readonly string[] =>
  [...secrets, ...optionalSecrets].filter((name) => settings.value(name) !== undefined);

const isProcess = ({ server }: Service): boolean => kindOf(server).role === "stdio";

function membersOf({ server }: Service): readonly string[] | undefined {
  const kind = kindOf(server);
  return kind.role === "group" ? kind.members(server) : undefined;
}
