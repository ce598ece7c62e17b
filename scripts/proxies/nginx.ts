/** nginx: one file for conf.d. How it streams is the same text as in the deployed stacks. */
import { render } from "../../templates/render.ts";
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
import type { ProxySettings, Site } from "./settings.ts";

/** @returns the text of `conf.d/gangway.conf` */
export function nginx(settings: ProxySettings): string {
  return whole("nginx.conf", {
    note: notes(settings),
    rate: optional(settings.limit?.rate),
    site: apart(
      settings.sites.flatMap((site) => [siteLines(settingsAt(settings, site), site), redirectLines(settings, site)]),
    ),
  });
}

function siteLines(settings: ProxySettings, { name, host, servers }: Site): readonly string[] {
  const { limit, allowed, basicAuth, httpPort, httpsPort } = settings;
  const files = filesOf(settings);
  return lines("nginx-site.conf", {
    id: name,
    server: servers,
    host: host ?? "_",
    httpPort: where(!files, httpPort),
    httpsPort: where(files !== undefined, httpsPort),
    certificate: optional(files?.certificate),
    key: optional(files?.key),
    protocols: where(files !== undefined, "TLSv1.2 TLSv1.3"),
    hsts: where(files !== undefined, HSTS_SECONDS),
    allowed,
    denied: where(allowed.length > 0, "all"),
    realm: where(basicAuth !== undefined, REALM),
    noRealm: where(basicAuth !== undefined, "off"),
    noAuthorization: where(basicAuth !== undefined, ""),
    passwords: optional(basicAuth?.file),
    streaming: streamingLines(settings),
    limitStatus: where(limit !== undefined, 429),
    refusal: refusalLines(settings),
  });
}

/** The text of the stacks' own nginx. */
const streamingLines = ({ limit }: ProxySettings): readonly string[] =>
  render("nginx/location.conf", { burst: optional(limit?.burst), limitStatus: where(limit !== undefined, 429) })
    .trimEnd()
    .split("\n");

/** What nginx refuses itself is JSON like everything that the gateway refuses. */
const refusalLines = ({ limit }: ProxySettings): readonly string[] => [
  ...(limit ? lines("nginx-refusal.conf", { name: "limited", status: 429, body: bodies.limited }) : []),
  ...lines("nginx-refusal.conf", { name: "gone", status: 502, body: bodies.gone }),
];

function redirectLines(settings: ProxySettings, { host }: Site): readonly string[] {
  if (!settings.tls) return [];
  const { httpPort, httpsPort } = settings;
  return lines("nginx-redirect.conf", { httpPort, host: host ?? "_", portPart: portPart(httpsPort) });
}
