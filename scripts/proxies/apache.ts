/** Apache: a file for sites-available. */
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
  where,
  whole,
} from "./parts.ts";
import type { ProxySettings, Site } from "./settings.ts";

/** @returns the text of `/etc/apache2/sites-available/gangway.conf` */
export function apache(settings: ProxySettings): string {
  const { sites, httpPort, httpsPort, tls, email } = settings;
  const isManaged = tls === "acme";
  return whole("apache.conf", {
    note: notes(settings),
    modules: modulesFor(settings).join(" "),
    // Debian's ports.conf has these two already.
    httpPort: where(httpPort !== 80, httpPort),
    httpsPort: where(tls !== undefined && httpsPort !== 443, httpsPort),
    managed: where(isManaged, sites.flatMap(({ host }) => host ?? []).join(" ")),
    agreement: where(isManaged, "accepted"),
    email: isManaged ? optional(email) : [],
    site: apart(sites.flatMap((site) => [siteLines(settings, site), redirectLines(settings, site)])),
  });
}

const modulesFor = ({ tls, basicAuth }: ProxySettings): readonly string[] => [
  ...where(tls !== undefined, "ssl http2"),
  ...where(tls === "acme", "md"),
  ...where(basicAuth !== undefined, "auth_basic authn_file"),
];

function siteLines(settings: ProxySettings, { name, host, servers }: Site): readonly string[] {
  const { tls, basicAuth, httpPort, httpsPort } = settings;
  const files = filesOf(settings);
  return lines("apache-site.conf", {
    id: name,
    server: servers,
    port: tls ? httpsPort : httpPort,
    host: host ?? "localhost",
    tls: where(tls !== undefined, "on"),
    protocols: where(tls !== undefined, "-all +TLSv1.2 +TLSv1.3"),
    spoken: where(tls !== undefined, "h2 http/1.1"),
    certificate: optional(files?.certificate),
    key: optional(files?.key),
    access: accessLines(settings),
    healthAccess: addressLines(settings),
    noAuthorization: where(basicAuth !== undefined, "Authorization"),
    challenges: where(tls === "acme", "/.well-known/acme-challenge/"),
    hsts: where(tls !== undefined, HSTS_SECONDS),
    gone: bodies.gone,
  });
}

/** Who may call: whoever has the address, and the password where one is asked for. */
function accessLines(settings: ProxySettings): readonly string[] {
  if (!settings.basicAuth) return addressLines(settings);
  return [
    "AuthType Basic",
    `AuthName "${REALM}"`,
    `AuthUserFile ${settings.basicAuth.file}`,
    "<RequireAll>",
    "  Require valid-user",
    ...addressLines(settings).map((line) => `  ${line}`),
    "</RequireAll>",
  ];
}

const addressLines = ({ allowed }: ProxySettings): readonly string[] =>
  allowed.length > 0 ? [`Require ip ${allowed.join(" ")}`] : ["Require all granted"];

function redirectLines({ tls, httpPort, httpsPort }: ProxySettings, { host }: Site): readonly string[] {
  if (!tls) return [];
  return lines("apache-redirect.conf", { httpPort, host: host ?? "localhost", portPart: portPart(httpsPort) });
}
