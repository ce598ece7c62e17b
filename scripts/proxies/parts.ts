/** What the five renderers share: optional lines, nested templates, and the words that all proxies say. */
import { render, type Values } from "../../templates/render.ts";
import type { CertificateFiles, ProxySettings } from "./settings.ts";

/** A line that is only there where there is a value for it. */
export const optional = <T extends string | number>(value: T | undefined): readonly T[] =>
  value === undefined ? [] : [value];

/** A line that is only there where it applies. */
export const where = <T extends string | number>(applies: boolean, value: T): readonly T[] => (applies ? [value] : []);

/** A whole file from its template. Lines that were left out leave no gaps. */
export const whole = (file: string, values: Values): string =>
  `${render(`proxies/${file}`, values)
    .replaceAll(/[ \t]+$/gm, "")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;

/** The lines of a template, to be put into another one. */
export const lines = (file: string, values: Values): readonly string[] => whole(file, values).trimEnd().split("\n");

/** Blocks of lines with an empty one between them. */
export const apart = (blocks: readonly (readonly string[])[]): readonly string[] =>
  blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ["", ...block]));

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
export function notes(settings: ProxySettings): readonly string[] {
  const { sites, basicAuth, limit, isComposed = false } = settings;
  if (isComposed)
    return ["compose.yaml beside this file puts it into the container, and sets the gateway's environment."];
  const gateways = sites.filter(({ is }) => is !== "authorization server");
  const hosts = gateways.map(({ host }) => host ?? "<the name in your URL>");
  return [
    "The gateway's environment, or .env (127.0.0.1 is this proxy, where it runs on the same machine):",
    "  GANGWAY_TRUSTED_PROXIES=127.0.0.1",
    `  GANGWAY_ALLOWED_HOSTS="${hosts.join(" ")}"`,
    basicAuth
      ? "  no MCP_BEARER_TOKEN: the password takes the place of the token, since both are sent as Authorization"
      : "  MCP_BEARER_TOKEN=<npx gangway token new>: without one, everybody may call",
    ...where(limit === undefined, "  GANGWAY_REQUEST_RATE=<requests/s>: this proxy sets no limit (default: 50/s)"),
    ...loginNotes(settings),
  ];
}

/** What makes logins work at the hosts of the proxy. */
function loginNotes({ sites }: ProxySettings): readonly string[] {
  const auth = sites.find(({ is }) => is === "authorization server");
  const keys = sites.filter(({ is }) => is === "for tokens").flatMap(({ host }) => host ?? []);
  if (auth === undefined) return [];
  return [
    "Of a service with logins, besides; clients reach it by https alone:",
    `  AUTH_ISSUER=https://${auth.host} PUBLIC_URL=https://<its host>/mcp`,
    ...where(keys.length > 0, `  GANGWAY_KEY_HOSTS="${keys.join(" ")}"`),
    "The authorization server's environment:",
    `  ISSUER=https://${auth.host} TRUSTED_PROXIES=127.0.0.1`,
    "npm start has logins on this machine alone: behind a proxy run the gateway's image and gangway-auth yourself, or deploy.",
  ];
}
