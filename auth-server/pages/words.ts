/** What pages call clients and scopes. Whatever a client says of itself is text, short and printable. */
import { element, type Child, type Element } from "../../gateways/page/view/markup.ts";
import { printable } from "../../gateways/printable.ts";
import { OFFLINE_ACCESS } from "../../gateways/auth/introspection.ts";

/** How many characters of a client's name are shown. */
const LONGEST = 60;

/** A client, as a person reads of it. */
export interface ClientWords {
  /** What it calls itself. */
  readonly name: string;
  /** The host of its client_id; undefined = it registered itself. */
  readonly host: string | undefined;
  /** Where the answer goes: a host, or a program on this computer. */
  readonly redirect: Redirect;
  /** Whether each of its redirects goes to a program on the user's computer. */
  readonly isOnlyLocal: boolean;
}

export interface Redirect {
  /** `claude.ai`, `localhost:33418`, `cursor:`. */
  readonly shown: string;
  readonly kind: "web" | "loopback" | "app";
}

/** A name of somebody else's choice: one line, bounded, in a direction of its own. */
export const strong = (text: string): Element => element("strong", {}, text);

/** What a client calls itself. */
export const shownName = (name: string | undefined): string =>
  printable((name ?? "").trim(), { limit: LONGEST }) || "A client without a name";

/** URL writes a host in ASCII, so no letter of it looks like another one. */
export function redirectOf(uri: string): Redirect {
  if (!URL.canParse(uri)) return { shown: "nowhere", kind: "app" };
  const { protocol, host, hostname } = new URL(uri);
  if (!/^https?:$/.test(protocol)) return { shown: printable(protocol, { limit: LONGEST }), kind: "app" };
  return { shown: printable(host, { limit: 300 }), kind: LOOPBACK.has(hostname) ? "loopback" : "web" };
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

const shown = (text: string) => printable(text, { limit: LONGEST });

/** What a scope allows, in words. @param tools how a scope of tools is written: `tools:<service>:<pattern>` */
export function scopeWords(scope: string): Child {
  if (scope === OFFLINE_ACCESS) return "stay logged in until you disconnect it, or whoever runs this server ends it";
  const [, service = "", pattern = ""] = /^tools:([^:]+):(.+)$/.exec(scope) ?? [];
  if (service === "") return ["use all tools of ", strong(shown(scope))];
  const [shownService, shownPattern] = [shown(service), shown(pattern)];
  if (/[*?]/.test(pattern))
    return ["use the tools of ", strong(shownService), " whose names fit ", element("code", {}, shownPattern)];
  return ["use the tool ", element("code", {}, shownPattern), " of ", strong(shownService)];
}
