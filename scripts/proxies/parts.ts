/** What the five renderers share: optional lines, nested templates, and the words that all proxies say. */
import { render, type Values } from "../../templates/render.ts";
import type { CertificateFiles, ProxySettings } from "./settings.ts";

/** A line that is only there where there is a value for it. */
export const optional = <T extends string | number>(value: T | undefined): readonly T[] =>
  value === undefined ? [] : [value];

/** A line that is only there where it applies. */
export const where = <T extends string | number>(applies: boolean, value: T): readonly T[] => (applies ? [value] : []);

/** The lines of a template, to be put into another one. */
export const lines = (file: string, values: Values): readonly string[] =>
  render(`proxies/${file}`, values)
    .trimEnd()
    .split("\n")
    .map((line) => (line.trim() === "" ? "" : line));

/** A year: browsers come back with https. */
export const HSTS_SECONDS = 31_536_000;

export const REALM = "Gangway";

const refusal = (message: string) => JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32000, message } });

/** The bodies of what the proxy refuses itself, in the words of the gateway. */
export const bodies = {
  limited: refusal("Too many requests. Slow down; Retry-After says how long to wait."),
  gone: refusal("The gateway behind this proxy does not answer. The call may have run; try again later."),
} as const;

/** Certificate files, where the proxy is given some. */
export const filesOf = ({ tls }: ProxySettings): CertificateFiles | undefined => (tls === "acme" ? undefined : tls);

/** `:8443` where it is not the default. */
export const portPart = (port: number): string => (port === 443 ? "" : `:${port}`);

/** What the comment on top says of the gateway's own settings. */
export function notes({ sites, basicAuth, limit }: ProxySettings): readonly string[] {
  const hosts = sites.flatMap(({ host }) => host ?? []);
  return [
    `Start the gateway with GANGWAY_TRUSTED_PROXIES=<address of this proxy>, which is 127.0.0.1 on the same machine${hosts.length > 0 ? `, and` : "."}`,
    ...where(
      hosts.length > 0,
      `GANGWAY_ALLOWED_HOSTS="${hosts.join(" ")}": gateway.json calls them trustedProxies and allowedHosts.`,
    ),
    ...where(
      basicAuth !== undefined,
      "The password takes the place of the bearer token: both are sent as Authorization. The gateway must ask for none.",
    ),
    ...where(limit === undefined, "It sets no request limit: the gateway has its own (GANGWAY_REQUEST_RATE)."),
  ];
}
