/** HAProxy: a whole haproxy.cfg. */
import {
  apart,
  bodies,
  filesOf,
  HSTS_SECONDS,
  lines,
  notes,
  optional,
  portPart,
  REALM,
  settingsAt,
  where,
  whole,
} from "./parts.ts";
import type { Limit, ProxySettings, Site, User } from "./settings.ts";

/** Seconds over which it counts requests. */
const WINDOW = 10;

/** @returns the text of `/etc/haproxy/haproxy.cfg` */
export function haproxy(settings: ProxySettings): string {
  const { sites, httpPort, httpsPort, tls, limit, allowed, basicAuth } = settings;
  return whole("haproxy.cfg", {
    note: notes(settings),
    users: basicAuth ? lines("haproxy-users.cfg", { user: basicAuth.users.map(userLine) }).concat("") : [],
    httpPort,
    httpsPort: where(tls !== undefined, httpsPort),
    certificate: filesOf(settings)?.certificate ?? "",
    allowed: where(allowed.length > 0, allowed.join(" ")),
    counted: where(limit !== undefined, "1m"),
    counter: where(limit !== undefined, ["src", ...uncounted(settings)].join(" unless ")),
    most: limit ? [most(limit)] : [],
    limited: bodies.limited,
    gone: bodies.gone,
    portPart: where(tls !== undefined, portPart(httpsPort)),
    scheme: tls ? "https" : "http",
    realm: where(basicAuth !== undefined, REALM),
    noAuthorization: where(basicAuth !== undefined, "Authorization"),
    hsts: where(tls !== undefined, HSTS_SECONDS),
    backendOfHost: sites.flatMap(ruleFor),
    default: optional(sites[0]?.name),
    backend: apart(sites.map(backendLines)),
  });
}

/** It counts over a window: what the rate allows in it, and the burst on top. */
const most = ({ rate, burst }: Limit) => rate * WINDOW + burst;

const userLine = ({ name, hash }: User) => `${name} password ${hash}`;

const isFor = (host: string) => `{ req.hdr(host),field(1,:) -i ${host} }`;

const ruleFor = ({ name, host }: Site): readonly string[] => (host === undefined ? [] : [`${name} if ${isFor(host)}`]);

/** Requests for hosts without a limit. */
const uncounted = (settings: ProxySettings): readonly string[] => {
  const without = settings.sites.filter((site) => settingsAt(settings, site).limit === undefined);
  return where(without.length > 0, without.flatMap(({ host }) => (host === undefined ? [] : isFor(host))).join(" or "));
};

const backendLines = ({ name, servers }: Site): readonly string[] =>
  lines("haproxy-backend.cfg", { id: name, server: servers.map((server, index) => `${name}-${index + 1} ${server}`) });
