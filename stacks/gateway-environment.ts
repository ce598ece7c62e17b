/** The environment of a gateway's container, in the variables that the gateway's own tables name. */
import { gatewayOptions, serverOptions, serviceOptions, sharedOptions } from "../gateways/config.ts";
import { gatewayName, gatewayUrl, METRICS_PORT } from "./catalog/containers.ts";
import type { Service } from "./catalog/entry.ts";
import { gatewayVariables } from "./catalog/gateway-options.ts";
import { kindOf, type McpServer } from "./catalog/kinds/registry.ts";
import { inImage, verifyModule, verifySecretOf } from "./catalog/verify.ts";
import { SECRETS } from "./constructs/secret-volume.ts";
import { ofGateway } from "./secrets.ts";
import { SOCKET, STATE } from "./images/server-image.ts";
import { project } from "./project.ts";
import type { Settings } from "./settings.ts";
import { reviewFor, type ToolsLock } from "./tools-lock.ts";

const options = { ...serverOptions, ...serviceOptions, ...sharedOptions, ...gatewayOptions };

type Values = Partial<Record<keyof typeof options, string>>;

/** A service whose gateway is ours: every one but the apps. */
export type McpService = Service & { readonly server: McpServer };

/** Options that the environment or `.env` sets for every gateway at once, by their variables. */
const setForAll = ["allow", "allowedOrigins", "logLevel", "otlpEndpoint"] as const;

export type SettingsForAll = Partial<Record<(typeof setForAll)[number], string>>;

/** Those that are set. */
export const settingsForAll = (settings: Settings): SettingsForAll =>
  Object.fromEntries(
    setForAll.flatMap((key) => {
      const value = settings.value(options[key].env);
      return value === undefined ? [] : [[key, value]];
    }),
  );

/** nginx ignores a refused server for 10 s: the release that ends keeps serving until nginx has looked again. */
export const DRAIN_DELAY = "12s";

/** The proxy's name on Docker's network. Only the container that has it is believed about its clients, not its network. */
export const PROXY = "nginx-proxy";

/** MB of a server's container that its runner and its temporary files need, and each of its processes. */
const MEMORY = { runner: 32, server: 64 } as const;

/**
 * The variables of a service's gateway. No secret's value is among them.
 * @param host the name under which it is called, besides its stable one
 * @param secrets names of the secrets that are there, the gateway's own among them
 * @param forAll what is set for every gateway, where the entry says nothing else
 * @param services those that are deployed with it, where a group finds its members
 * @param lock which tools of it were reviewed
 */
export function gatewayEnvironment(
  service: McpService,
  host: string,
  secrets: readonly string[],
  forAll: SettingsForAll = {},
  services: readonly Service[] = [],
  lock: ToolsLock = {},
): Record<string, string> {
  const { name, port } = service;
  const reviewedTools = fitting(name, reviewFor(service, lock));
  const values: Values = {
    name,
    port: String(port),
    host: "0.0.0.0",
    metricsPort: String(METRICS_PORT),
    allowedHosts: `${host},${gatewayName(name)}`,
    trustedProxies: PROXY,
    drainDelay: DRAIN_DELAY,
    stateDir: STATE,
    ...(reviewedTools !== undefined && { reviewedTools }),
    ...forAll,
    ...serverOf(service, secrets, services),
  };
  // The entry wins, also over the number of processes that its memory allows.
  return { ...variables(values), ...gatewayVariables(service), ...verifying(service), ...files(service, secrets) };
}

/** Where a gateway listens for Prometheus. */
export const metricsAt = (host: string): Record<string, string> => variables({ metricsHost: host });

/** A verifier of the project's own is in the image. */
function verifying(service: McpService): Record<string, string> {
  const module = verifyModule(service, project);
  const isProcess = kindOf(service.server).role === "stdio";
  const verifySecret = isProcess ? verifySecretOf(service) : undefined;
  return variables({
    ...(module !== undefined && { verify: `/gateway/${inImage(module)}` }),
    ...(verifySecret !== undefined && { verifySecret }),
  });
}

/** Bytes of a variable: Linux starts no program with more than 128 KiB in one (execve(2), MAX_ARG_STRLEN). */
const MOST = 128_000;

/** 200 tools of the longest names that clients take have 18 kB. @throws Error for a server that lists thousands */
function fitting(name: string, review: string | undefined): string | undefined {
  if (review === undefined || review.length <= MOST) return review;
  const count = review.split(",").length;
  throw new Error(
    `${name}: the names and digests of its ${count} reviewed tools have ${review.length} bytes, and a container takes ${MOST}: take ${name} out of tools.lock`,
  );
}

function serverOf(
  { server, env, memory }: McpService,
  secrets: readonly string[],
  services: readonly Service[],
): Values {
  const kind = kindOf(server);
  switch (kind.role) {
    case "upstream":
      return { url: kind.url(server), urlType: kind.type };
    case "group":
      return { group: addresses(kind.members(server), services) };
    case "stdio": {
      const forServer = secrets.filter((name) => !ofGateway.has(name));
      const given = [...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...forServer];
      return {
        stdio: commandLine(kind.command(server)),
        serverSocket: SOCKET,
        maxChildren: String(Math.max(1, Math.floor((memory - MEMORY.runner) / MEMORY.server))),
        ...(given.length > 0 && { env: given.join("\n") }),
      };
    }
  }
}

/** Members by their stable names, which are those of whichever release serves. */
function addresses(members: readonly string[], services: readonly Service[]): string {
  const all = members.map((member) => services.find(({ name }) => name === member)!);
  return all.map((member) => `${member.name}=${gatewayUrl(member)}`).join(",");
}

/** Where it finds what is secret. In front of an upstream, the service's first secret is the token for that. */
function files({ server, secrets: [first] }: McpService, secrets: readonly string[]): Record<string, string> {
  const names = secrets.map((name) => [name, name]);
  if (kindOf(server).role === "upstream" && first !== undefined) names.push([serverOptions.upstreamToken.env, first]);
  return Object.fromEntries(names.map(([variable, secret]) => [`${variable}_FILE`, `${SECRETS}/${secret}`]));
}

function variables(values: Values): Record<string, string> {
  const entries = Object.entries(values) as [keyof typeof options, string][];
  return Object.fromEntries(entries.map(([key, value]) => [options[key].env, value]));
}

/** The command line that the gateway splits into these words again. */
const commandLine = (words: readonly string[]) =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
