/** Traefik: a file for its file provider. What it reads only at its start is in the comment on top, as flags. */
import { filesOf, HSTS_SECONDS, lines, notes, REALM, settingsAt, where, whole } from "./parts.ts";
import type { ProxySettings, Site } from "./settings.ts";

const HEALTH = "PathRegexp(`^(/[a-z0-9-]+)?/(health|ready)$`)";

/** @returns the text of `/etc/traefik/gangway.yml` */
export function traefik(settings: ProxySettings): string {
  const files = filesOf(settings);
  return whole("traefik.yml", {
    note: notes(settings),
    flag: flagsFor(settings),
    router: settings.sites.flatMap((site) => routerLines(settingsAt(settings, site), site)),
    hsts: where(settings.tls !== undefined, HSTS_SECONDS),
    middleware: middlewareLines(settings),
    service: settings.sites.flatMap(serviceLines),
    certificates: files ? lines("traefik-certificates.yml", { ...files }) : [],
  });
}

/** A request's body may take its time: the gateway has limits of its own. */
const entryPoint = (name: string, port: number): readonly string[] => [
  `--entryPoints.${name}.address=:${port} --entryPoints.${name}.transport.respondingTimeouts.readTimeout=0`,
];

/** @param storage where it keeps certificates that it gets itself */
export const flagsFor = (
  { httpPort, httpsPort, tls, email }: ProxySettings,
  storage = "/etc/traefik/acme.json",
): readonly string[] => [
  "--providers.file.filename=/etc/traefik/gangway.yml --accessLog=true",
  ...entryPoint("web", httpPort),
  ...(tls ? entryPoint("websecure", httpsPort) : []),
  ...where(tls === "acme", `--certificatesResolvers.gangway.acme.storage=${storage}`),
  ...where(tls === "acme", "--certificatesResolvers.gangway.acme.httpChallenge.entryPoint=web"),
  ...where(tls === "acme" && email !== undefined, `--certificatesResolvers.gangway.acme.email=${email}`),
];

function routerLines(settings: ProxySettings, site: Site): readonly string[] {
  const { limit, allowed, basicAuth, tls } = settings;
  const rule = site.host === undefined ? "PathPrefix(`/`)" : `Host(\`${site.host}\`)`;
  const common = {
    service: site.name,
    entry: tls ? "websecure" : "web",
    tls: tls === "acme" ? ["{ certResolver: gangway }"] : where(tls !== undefined, "{}"),
  };
  const checks = [...where(allowed.length > 0, "gangway-access"), ...where(limit !== undefined, "gangway-limit")];
  const middlewares = ["gangway-headers", ...checks].join(", ");
  const guarded = [middlewares, ...where(basicAuth !== undefined, "gangway-login")].join(", ");
  const health = {
    id: `${site.name}-health`,
    rule: `${rule} && ${HEALTH}`,
    priority: 20,
    observability: ["{ accessLogs: false }"],
  };
  return [
    ...lines("traefik-router.yml", {
      ...common,
      id: site.name,
      rule,
      priority: 10,
      observability: [],
      middlewares: guarded,
    }),
    ...lines("traefik-router.yml", { ...common, ...health, middlewares }),
    ...(tls ? redirectLines(site.name, rule) : []),
  ];
}

const redirectLines = (name: string, rule: string): readonly string[] =>
  lines("traefik-router.yml", {
    id: `${name}-redirect`,
    rule,
    priority: 10,
    service: name,
    entry: "web",
    middlewares: "gangway-https",
    observability: [],
    tls: [],
  });

function middlewareLines({ limit, allowed, basicAuth, tls, httpsPort }: ProxySettings): readonly string[] {
  return [
    ...(limit ? lines("traefik-limit.yml", { ...limit }) : []),
    ...(allowed.length > 0 ? lines("traefik-access.yml", { allowed }) : []),
    ...(basicAuth ? lines("traefik-login.yml", { realm: REALM, passwords: basicAuth.file }) : []),
    ...(tls ? lines("traefik-https.yml", { port: httpsPort }) : []),
  ];
}

/** With replicas: which gets the next request, and how one that is gone is found. Traefik tries no request elsewhere. */
function serviceLines({ name, host = "localhost", servers }: Site): readonly string[] {
  const several = servers.length > 1;
  return lines("traefik-service.yml", {
    id: name,
    server: servers,
    strategy: where(several, "p2c # the one of two with fewer open requests"),
    health: where(several, `{ path: /health, hostname: ${host}, interval: 2s, timeout: 1s }`),
  });
}
