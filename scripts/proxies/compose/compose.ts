/** compose.yaml, and what lies beside it: the gateway and a proxy for whoever uses no Terraform. */
import { join, resolve } from "node:path";
import { readFileSync } from "node:fs";
import { base } from "../../../stacks/images/base.ts";
import { askAlive } from "../../../stacks/provision/readiness.ts";
import { shipped } from "../../../stacks/shipped.ts";
import { filesOf, whole } from "../parts.ts";
import { proxies, type ProxyName } from "../render.ts";
import type { CertificateFiles, ProxySettings } from "../settings.ts";
import { containers, type ProxyContainer } from "./containers.ts";
import type { Served } from "./servers.ts";

/** The gateway's container, and its name on the network. */
export const GATEWAY = "mcp-gateway";

/** Limit of processes and threads: enough for 32 servers and their children, too few to fill the host. */
const PROCESSES = 2048;

/** Where a proxy finds what it is given. */
const CERTIFICATES: CertificateFiles = { certificate: "/certificates/gangway.crt", key: "/certificates/gangway.key" };

const TOKEN = "MCP_BEARER_TOKEN";

/** A value of .env. Compose says which one is missing. */
const fromEnv = (name: string) => `\${${name}:?add it to .env}`;

/** What is rendered: the proxy, its settings on this machine, and what its gateway serves. */
export interface Composition {
  readonly name: ProxyName;
  readonly settings: ProxySettings;
  readonly served: Served;
  readonly hubPort: number;
}

/** @returns the files by their paths in the folder. Only the gateway itself is not among them: gateway/gateway/ */
export function composed({ name, settings, served, hubPort }: Composition): Readonly<Record<string, string | Buffer>> {
  const inside = { ...settings, tls: filesOf(settings) ? insideOf(name) : settings.tls, isComposed: true };
  const container = containers[name](inside);
  const extra = Object.entries(container.files ?? {}).map(([file, { content }]) => [file, content]);
  const image = Object.entries(served.image).map(([path, content]) => [join("gateway", path), content]);
  return {
    "compose.yaml": composeYaml({ name, settings, served, hubPort }, container),
    [proxies[name].file]: proxies[name].render(inside),
    "gateway.json": `${JSON.stringify(served.config, undefined, 2)}\n`,
    ".gitignore": ".env\n*.key\n*.pem\n",
    "wscat/Dockerfile": template("wscat.Dockerfile"),
    "wscat/wscat": template("wscat.cjs"),
    ...Object.fromEntries([...extra, ...image] as [string, string | Buffer][]),
  };
}

const template = (file: string) => readFileSync(shipped(`templates/proxies/compose/${file}`), "utf8");

/** HAProxy has both in one file. */
const insideOf = (name: ProxyName): CertificateFiles =>
  proxies[name].oneFile ? { certificate: "/certificates/gangway.pem", key: "/certificates/gangway.pem" } : CERTIFICATES;

function composeYaml({ name, settings, served, hubPort }: Composition, container: ProxyContainer): string {
  const { tls, httpPort, httpsPort } = settings;
  const ports = tls ? [httpPort, httpsPort] : [httpPort];
  const volumes = { ...served.volumes, ...container.volumes };
  return whole("compose/compose.yaml", {
    proxy: name,
    file: proxies[name].file,
    base: base(),
    folders: Object.keys(served.volumes).join(" "),
    secretNames: [TOKEN, ...served.secrets].join(", "),
    hosts: settings.sites.map(({ host }) => (host === undefined ? "" : `, ${host}`)).join(""),
    token: fromEnv(TOKEN),
    variable: variablesOf(name, settings, served),
    gatewayMount: mountsOf(served.volumes),
    memory: served.memory,
    processes: PROCESSES,
    askHealth: JSON.stringify(["CMD", ...askAlive(hubPort)]),
    hubPort,
    image: container.image,
    user: container.user ?? [],
    capabilities: container.capabilities.join(", "),
    command: container.command ? [JSON.stringify(container.command)] : [],
    ports: ports.map((port) => `"${port}:${port}"`).join(", "),
    port: ports.at(-1)!,
    mount: [...readOnly(name, settings, container), ...mountsOf(container.volumes ?? {})],
    tmpfs: JSON.stringify(container.temporary.map((path) => `${path}:mode=1777,size=64m`)),
    volume: [...new Set(Object.values(volumes))],
  });
}

/** The gateway believes the proxy alone about its clients, and answers to its names. */
function variablesOf(name: ProxyName, { sites }: ProxySettings, { secrets }: Served): readonly string[] {
  const hosts = sites.flatMap(({ host }) => host ?? []);
  return [
    ...[TOKEN, ...secrets].map((secret) => `${secret}: ${fromEnv(secret)}`),
    `GANGWAY_TRUSTED_PROXIES: ${name}`,
    `GANGWAY_ALLOWED_HOSTS: ${[GATEWAY, ...hosts, "${GANGWAY_ALLOWED_HOSTS:-localhost}"].join(",")}`,
    "GANGWAY_LOG_LEVEL: ${LOG_LEVEL:-info}",
  ];
}

const mountsOf = (volumes: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(volumes).map(([path, volume]) => `${volume}:${path}`);

/** The files of the proxy: what is rendered, and its certificate. */
function readOnly(name: ProxyName, settings: ProxySettings, { configuration, files = {} }: ProxyContainer) {
  const given = filesOf(settings);
  const inside = insideOf(name);
  const certificates = given
    ? new Map([
        [inside.certificate, given.certificate],
        [inside.key, given.key],
      ])
    : new Map<string, string>();
  return [
    `./${proxies[name].file}:${configuration}:ro`,
    ...Object.entries(files).map(([file, { path }]) => `./${file}:${path}:ro`),
    ...Array.from(certificates, ([path, file]) => `${resolve(file)}:${path}:ro`),
  ];
}
