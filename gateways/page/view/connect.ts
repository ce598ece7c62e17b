/** How to connect a client to a service: the config of each one, and the URL as a QR code. */
import type { ServiceStatus } from "../status.ts";
import { element, type Child, type Element } from "./markup.ts";
import { copyable, folded } from "./text.ts";

/** What one client needs. */
export interface ClientConfig {
  readonly title: string;
  /** Where it goes; undefined = into the client's settings. */
  readonly file?: string | undefined;
  readonly text: string;
  /** The client's own command that does the same. */
  readonly command?: string | undefined;
  readonly note?: string | undefined;
}

/** Clients that are listed by themselves; the others are folded away together. */
const FIRST = 6;

/** What is shown to connect clients with. */
export interface Connecting {
  readonly configs: readonly ClientConfig[];
  /** The variable that they read the token from. */
  readonly variable: string;
  /** The QR code of the URL. */
  readonly qr: Element;
}

export function connectView(service: ServiceStatus, { configs, variable, qr }: Connecting): Child {
  const { url } = service;
  const all = configs.map(clientView);
  const rest = all.slice(FIRST);
  return [
    waysIn(service, variable),
    element(
      "div",
      { class: "list" },
      all.slice(0, FIRST),
      rest.length > 0 ? folded(`${rest.length} more clients`, rest, { class: "client" }) : undefined,
    ),
    folded("QR code, for a phone", qr, { class: "schema" }),
    element(
      "p",
      { class: "help" },
      "A client of the older HTTP with SSE connects to ",
      element("code", {}, besides(url, "sse")),
      ", one over a WebSocket to ",
      element("code", {}, besides(url, "ws").replace(/^http/, "ws")),
      ".",
    ),
  ];
}

/** What a caller shows, and where it comes from. */
function waysIn({ name, asksForToken, hasLogin, keyUrl }: ServiceStatus, variable: string): Child {
  if (hasLogin && keyUrl === undefined) return element("p", {}, LOGIN);
  if (!hasLogin && !asksForToken) return undefined;
  return element(
    "p",
    {},
    hasLogin ? `${LOGIN} The others send a token, to an address of its own. ` : "It asks for a token. ",
    "Whoever runs the gateway has it: ",
    element("code", {}, `npx gangway token ${name}`),
    ". Where a client can, it reads the token from the variable ",
    element("code", {}, variable),
    ".",
  );
}

const LOGIN = "You log in: a client that knows OAuth needs the URL alone, and opens your browser.";

/** Opening one closes the one before. */
function clientView({ title, file, text, command, note }: ClientConfig): Element {
  const place =
    file === undefined
      ? undefined
      : element("p", {}, command === undefined ? "In " : "Or in ", element("code", {}, file), ":");
  const inside = [
    command === undefined ? undefined : copyable(command, `The command for ${title}`),
    place,
    copyable(text, `The config of ${title}`),
    note === undefined ? undefined : element("p", { class: "help" }, note),
  ];
  return folded(title, element("div", { class: "inside" }, inside), { class: "client", name: "client" });
}

/** Another way in of the same service. */
const besides = (url: string, way: string) => url.replace(/mcp$/, way);
