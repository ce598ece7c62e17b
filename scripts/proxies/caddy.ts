/** Caddy: a whole Caddyfile. */
import { apart, bodies, filesOf, HSTS_SECONDS, lines, notes, optional, portPart, where, whole } from "./parts.ts";
import type { ProxySettings, Site, User } from "./settings.ts";

/** @returns the text of `/etc/caddy/Caddyfile` */
export function caddy(settings: ProxySettings): string {
  const { httpPort, httpsPort, email } = settings;
  return whole("Caddyfile", {
    note: notes(settings),
    email: optional(email),
    httpPort: where(httpPort !== 80, httpPort),
    httpsPort: where(httpsPort !== 443, httpsPort),
    site: apart(settings.sites.flatMap((site) => [siteLines(settings, site), redirectLines(settings, site)])),
  });
}

function siteLines(settings: ProxySettings, { host, servers }: Site): readonly string[] {
  const { allowed, basicAuth, tls } = settings;
  const files = filesOf(settings);
  return lines("Caddyfile-site", {
    address: `${tls ? "https" : "http"}://${host ?? ""}`,
    certificate: optional(files?.certificate),
    key: files?.key ?? "",
    hsts: where(tls !== undefined, HSTS_SECONDS),
    allowed: where(allowed.length > 0, allowed.join(" ")),
    refusedStatus: where(allowed.length > 0, 403),
    login: basicAuth ? lines("Caddyfile-login", { user: basicAuth.users.map(userLine) }) : [],
    servers: servers.join(" "),
    replicas: servers.length > 1 ? lines("Caddyfile-replicas", { host: host ?? "localhost" }) : [],
    noAuthorization: where(basicAuth !== undefined, "-Authorization"),
    gone: bodies.gone,
  });
}

const userLine = ({ name, hash }: User) => `${name} ${hash}`;

function redirectLines({ tls, httpsPort }: ProxySettings, { host }: Site): readonly string[] {
  if (!tls) return [];
  return lines("Caddyfile-redirect", { address: `http://${host ?? ""}`, portPart: portPart(httpsPort) });
}
