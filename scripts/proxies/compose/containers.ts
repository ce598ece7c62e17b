/** How each proxy runs in its official image: read-only, with the rights alone that it cannot do without. */
import { WrongUse } from "../../kit/arguments.ts";
import { filesOf, where, whole } from "../parts.ts";
import type { ProxyName } from "../render.ts";
import type { ProxySettings } from "../settings.ts";
import { flagsFor } from "../traefik.ts";

/** What compose.yaml says of a proxy. */
export interface ProxyContainer {
  /** At an exact version. Those of Alpine have `nc`, which the health check asks the port with. */
  readonly image: string;
  /** Where the rendered file is read. */
  readonly configuration: string;
  /** @default - the image's own */
  readonly user?: string;
  readonly capabilities: readonly string[];
  /** @default - the image's own */
  readonly command?: readonly string[];
  /** Folders that it writes to, and forgets. */
  readonly temporary: readonly string[];
  /** Volumes by where they are mounted. @default {} */
  readonly volumes?: Readonly<Record<string, string>>;
  /** Further files that are written beside compose.yaml, and where they are read. @default {} */
  readonly files?: Readonly<Record<string, { readonly path: string; readonly content: string }>>;
}

/** Of a root that starts others under another user. */
const STARTS_OTHERS = ["CHOWN", "SETGID", "SETUID"];

/** Certificates belong to whoever has made them, and are readable by nobody else. */
const readsKeys = (settings: ProxySettings) => where(filesOf(settings) !== undefined, "DAC_OVERRIDE");

/** By the proxies' names. @throws WrongUse for what a proxy cannot do in a container */
export const containers: Readonly<Record<ProxyName, (settings: ProxySettings) => ProxyContainer>> = {
  nginx: (settings) => ({
    image: "nginx:1.30.4-alpine",
    configuration: "/etc/nginx/conf.d/default.conf", // in place of its welcome page
    capabilities: [...STARTS_OTHERS, ...readsKeys(settings)],
    temporary: ["/run", "/var/cache/nginx"],
  }),
  caddy: (settings) => ({
    image: "caddy:2.11.4-alpine",
    configuration: "/etc/caddy/Caddyfile",
    capabilities: ["NET_BIND_SERVICE", ...readsKeys(settings)], // its program asks for the first one
    temporary: ["/config", ...where(settings.tls !== "acme", "/data")],
    volumes: settings.tls === "acme" ? { "/data": "certificates" } : {},
  }),
  traefik: (settings) => ({
    image: "traefik:v3.7.11",
    configuration: "/etc/traefik/gangway.yml",
    capabilities: readsKeys(settings),
    command: flagsFor(settings, "/acme/acme.json").flatMap((line) => line.split(" ")),
    temporary: ["/tmp"],
    volumes: settings.tls === "acme" ? { "/acme": "certificates" } : {},
  }),
  haproxy: (settings) => ({
    image: "haproxy:3.4.3-alpine",
    configuration: "/usr/local/etc/haproxy/haproxy.cfg",
    ...(filesOf(settings) && { user: "root" }),
    capabilities: readsKeys(settings),
    temporary: ["/tmp"],
  }),
  apache: (settings) => {
    if (settings.tls === "acme")
      throw new WrongUse("apache must be reloaded for a certificate that it gets itself: name one with --certificate");
    return {
      image: "httpd:2.4.68-alpine",
      configuration: "/usr/local/apache2/conf/gangway.conf",
      capabilities: [...STARTS_OTHERS, ...readsKeys(settings)],
      temporary: ["/tmp", "/usr/local/apache2/logs"],
      files: { "httpd.conf": { path: "/usr/local/apache2/conf/httpd.conf", content: httpdConf() } },
    };
  },
};

const modules =
  "authz_core authz_host proxy proxy_http proxy_balancer lbmethod_bybusyness slotmem_shm env headers rewrite setenvif " +
  "reqtimeout socache_shmcb ssl http2";

const httpdConf = () => whole("compose/httpd.conf", { module: modules.split(" ") });
