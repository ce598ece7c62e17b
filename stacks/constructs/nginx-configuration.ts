/** The nginx configuration that we add to what nginx-proxy generates from the containers. The text is in templates/nginx. */
import { Fn } from "cdktf";
import { render } from "../../templates/render.ts";

/** How much one client address may ask for. */
export interface RequestLimit {
  /** Requests a second. */
  readonly rate: number;
  /** Requests that may arrive at once on top of the rate. */
  readonly burst: number;
  /**
   * A host that it does not apply to. Everybody who logs in with a hosted client comes from a few addresses of its provider, so the
   * authorization server counts clients, and not addresses.
   * @default - it applies to all
   */
  readonly exceptHost?: string | undefined;
}

/**
 * For the location of every host (vhost.d/default_location). It does not buffer streams or close quiet ones, and leaves it to
 * the gateway to refuse a long body, in JSON. The short connect timeout is for the address of a gateway that has just gone:
 * nginx gives it up quickly and takes the next one.
 * @param limit @default - no limit
 */
export const locationConf = (limit?: RequestLimit): string =>
  render("nginx/location.conf", {
    burst: limit === undefined ? [] : [limit.burst],
    limitStatus: limit === undefined ? [] : [429],
  });

/**
 * For nginx as a whole (conf.d/gangway.conf). nginx believes a CF-Connecting-IP header only from a trusted network; from
 * anywhere else it overwrites the header before a gateway sees it.
 * @param trustedNetworks ranges in front of the proxy, as CIDRs or addresses
 * @param limit @default - no limit
 */
export const httpConf = (trustedNetworks: readonly string[], limit?: RequestLimit): string =>
  render("nginx/http.conf", {
    trustedNetwork: trustedNetworks,
    rate: limit === undefined ? [] : [limit.rate],
    exceptHost: limit?.exceptHost === undefined ? [] : [limit.exceptHost],
    // An empty key is not counted (ngx_http_limit_req_module).
    counted: limit?.exceptHost === undefined ? "$binary_remote_addr" : "$gangway_counted",
  });

/**
 * For conf.d/default.conf, until nginx-proxy has found the containers and replaces it. The image's own file would answer 404
 * until then, which tells an MCP client that its session is gone; this one answers 503.
 */
export const startingConf = (): string => render("nginx/starting.conf", {});

/**
 * What `npx gangway maintenance` switches: where the file with an answer is there, the proxy gives that in place of a service. nginx looks
 * at each request, so the switch needs no reload, and it is in a volume, which outlives the container.
 */
export const maintenanceConf = {
  /** For nginx as a whole. */
  http: () => render("nginx/maintenance.conf", {}),
  /** For every host (vhost.d/default). */
  server: () => render("nginx/maintenance-server.conf", {}),
  /** For the location of every host. */
  location: () => render("nginx/maintenance-location.conf", {}),
} as const;

/** For conf.d/metrics.conf: what nginx counts itself, as Prometheus reads it. @param address `name:port` in its container */
export const metricsConf = (address: string): string => render("nginx/metrics.conf", { address });

export interface HostPortConf {
  /** Where nginx listens, in its container. */
  readonly port: number;
  /** The name that the proxy knows the service by. */
  readonly host: string;
  /** The proxy's name on Docker's network. */
  readonly proxy: string;
  /**
   * Whether whoever is behind it knows itself by the port, and compares that with where a form came from.
   * @default false - it knows itself by its host, and a page of its own stays its own
   */
  readonly keepsOrigin?: boolean;
}

/**
 * The whole nginx.conf of a published port: everything that arrives goes to the proxy, for one host. nginx looks the proxy up
 * again every few seconds, because a deploy may replace it.
 */
export const hostPortConf = ({ port, host, proxy, keepsOrigin = false }: HostPortConf): string =>
  render("nginx/host-port.conf", {
    port,
    host,
    proxy,
    ownOrigin: keepsOrigin ? [] : [`http://${host}`],
    location: locationConf().trimEnd().split("\n"),
  });

export interface DockerFilterConf {
  /** The socket that it listens on, in its container. */
  readonly socket: string;
  /** The engine's socket there. */
  readonly engine: string;
  /** The container whose nginx may be told to reload. @default - none */
  readonly reloaded?: string | undefined;
}

/**
 * The whole nginx.conf of the filter in front of the engine. What docker-gen and acme-companion ask is passed on, all else is 403.
 * @see internal/generator/generator.go of nginx-proxy/docker-gen, app/functions.sh of nginx-proxy/acme-companion
 */
export const dockerFilterConf = ({ socket, engine, reloaded }: DockerFilterConf): string =>
  render("nginx/docker-filter.conf", {
    socket,
    engine,
    reloaded: reloaded === undefined ? [] : [reloaded],
    start: reloaded === undefined ? [] : ["start"],
    reload: reloaded === undefined ? [] : [JSON.stringify(RELOAD)],
  });

/** How acme-companion has nginx-proxy read new certificates, in nginx-proxy's container. */
const RELOAD = [
  "sh",
  "-c",
  "/app/docker-entrypoint.sh /usr/local/bin/docker-gen /app/nginx.tmpl /etc/nginx/conf.d/default.conf; /usr/sbin/nginx -s reload",
];

/** Lines for the beginning of `httpConf`, for networks that only Terraform knows. */
export const trusting = (networks: readonly string[]): string =>
  Fn.join("", ["set_real_ip_from ", Fn.join(";\nset_real_ip_from ", [...networks]), ";\n"]);

/** The ranges that Docker's networks are in, and with them the connector and every published port of this machine. */
export const privateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.1"];
