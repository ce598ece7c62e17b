/**
 * The proxy that a request to an upstream goes through: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, as curl reads them. Node reads
 * them only since version 24, and when it is told to.
 */
// oxlint-disable-next-line no-restricted-imports -- the bridge knows no HTTP server; here it is a client
import * as http from "node:http";
import type * as Https from "node:https";
import { isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { deferred } from "../deferred.ts";
import { https, tls } from "../on-demand.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** How a request to an upstream is sent. */
export interface Route {
  readonly agent: http.Agent;
  /** The request's target for a proxy that is asked for a plain URL; undefined = as usual. */
  readonly path?: string;
  readonly host?: { readonly hostname: string; readonly port: string };
  /** Proxy-Authorization, and the Host that the proxy asks. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Servers usually drop an idle connection after 5 s. Drop it earlier, so that no call is sent on one that is being closed. */
const KEEP_ALIVE = { keepAlive: true, timeout: 4_000 };
const direct = { http: new http.Agent(KEEP_ALIVE), https: undefined as Https.Agent | undefined };

/** The agents for each proxy, which keep connections by origin. */
const proxied = new Map<string, { readonly http: http.Agent; readonly https: http.Agent }>();

/** Closes the connections that nobody uses. After the machine has slept they lead nowhere, and a call on one would wait for long. */
export function forgetIdleConnections(): void {
  for (const agents of [direct, ...proxied.values()])
    for (const agent of [agents.http, agents.https])
      for (const socket of Object.values(agent?.freeSockets ?? {}).flat()) socket?.destroy();
}

/** The way to an upstream: direct, or through the proxy of the environment. */
export function routeTo(url: URL, environment: Environment = process.env): Route {
  const secure = url.protocol === "https:";
  const proxy = proxyFor(url, environment);
  if (!proxy) return { agent: secure ? (direct.https ??= new (https().Agent)(KEEP_ALIVE)) : direct.http };
  const agents = agentsOf(proxy);
  if (secure) return { agent: agents.https };
  return {
    agent: agents.http,
    path: url.href,
    host: { hostname: bare(proxy.hostname), port: proxy.port || "80" },
    headers: { host: url.host, ...authorization(proxy) },
  };
}

/** @returns undefined when the request goes directly, as everything on this machine does */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  const name = url.protocol === "https:" ? "https_proxy" : "http_proxy";
  const set = valueOf(environment, name) ?? valueOf(environment, "all_proxy");
  if (set === undefined || isLoopback(url.hostname) || isExempt(url, valueOf(environment, "no_proxy") ?? ""))
    return undefined;
  const text = set.includes("://") ? set : `http://${set}`;
  return URL.canParse(text) && /^https?:/.test(text) ? new URL(text) : undefined;
}

/** The lower case form counts first, as for curl. */
const valueOf = (environment: Environment, name: string) =>
  environment[name]?.trim() || environment[name.toUpperCase()]?.trim() || undefined;

/** Whether a host is this machine. */
export function isLoopback(hostname: string): boolean {
  const host = bare(hostname).replace(/\.$/, "").toLowerCase();
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "::1" ||
    (isIP(host) === 4 && host.startsWith("127."))
  );
}

/** `NO_PROXY=example.org,.internal,10.0.0.5,host:8080,*`: a name also stands for those below it. */
function isExempt({ hostname, port, protocol }: URL, list: string): boolean {
  const host = bare(hostname).toLowerCase();
  const ownPort = port || (protocol === "https:" ? "443" : "80");
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === "*") return true;
    const [, name = "", wanted] = /^(?:\*?\.)?(.*?)(?::(\d+))?$/.exec(bare(entry).toLowerCase()) ?? [];
    if (name === "" || (wanted !== undefined && wanted !== ownPort)) return false;
    return host === name || host.endsWith(`.${name}`);
  });
}

const bare = (hostname: string) => hostname.replace(/^\[|\]$/g, "");

function agentsOf(proxy: URL) {
  const known = proxied.get(proxy.href);
  if (known) return known;
  const agents = { http: new http.Agent(KEEP_ALIVE), https: tunnelAgent(proxy) };
  proxied.set(proxy.href, agents);
  return agents;
}

/** Connections to upstreams with TLS, each through a tunnel that the proxy opens (RFC 9110, CONNECT). */
function tunnelAgent(proxy: URL): Https.Agent {
  const agent = new (https().Agent)(KEEP_ALIVE);
  agent.createConnection = (options, created): undefined => {
    tunnel(proxy, options).then(
      (socket) => created?.(null, socket),
      (error: Error) => created?.(error, undefined as unknown as Duplex),
    );
  };
  return agent;
}

async function tunnel(proxy: URL, { host, port, servername }: Https.RequestOptions): Promise<TLSSocket> {
  const { promise, resolve, reject } = deferred<TLSSocket>();
  const { protocol, hostname, port: own } = proxy;
  const target = `${isIP(host ?? "") === 6 ? `[${host}]` : host}:${port}`;
  const send = protocol === "https:" ? https().request : http.request;
  const request = send({
    method: "CONNECT",
    hostname: bare(hostname),
    port: own || (protocol === "https:" ? 443 : 80),
    path: target,
    headers: { host: target, ...authorization(proxy) },
    agent: false,
    timeout: 10_000,
  });
  request.once("timeout", () => request.destroy(new Error("the proxy does not answer")));
  request.once("error", (error: Error) => reject(new Error(`the proxy ${proxy.host} failed: ${error.message}`)));
  request.once("connect", ({ statusCode }, socket: Socket) => {
    if (statusCode !== 200) {
      socket.destroy();
      return reject(new Error(`the proxy ${proxy.host} refused the connection (HTTP ${statusCode})`));
    }
    const secure = tls().connect({ socket, servername: servername ?? (isIP(host ?? "") ? "" : (host ?? "")) });
    secure.once("secureConnect", () => resolve(secure)).once("error", reject);
  });
  request.end();
  return promise;
}
function authorization({ username, password }: URL): Record<string, string> {
  if (username === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}
