/** The pages: all services, and one service. Whoever is no one yet finds the login there. */
import type { GatewayStatus, ServiceStatus, Visitor } from "../status.ts";
import { framed } from "./frame.ts";
import { element, type Child, type Element } from "./markup.ts";
import { serviceView } from "./service.ts";
import { copyable, counted } from "./text.ts";

/** What a page says besides its services. */
export interface Surroundings {
  /** The way to where the hub is, such as `./`. */
  readonly base: string;
  /** Why the last login failed; undefined = there was none, or it did not. */
  readonly failedLogin?: string | undefined;
}

/** What the page of the hub says besides that. */
export interface HubSurroundings extends Surroundings {
  /** The URL of all services as one. */
  readonly all: string;
  /** What to do where there is no service yet. */
  readonly hint?: string | undefined;
}

/** All services of a gateway. */
export function hubView(status: GatewayStatus, { base, all, hint, failedLogin }: HubSurroundings): Child {
  const { services, visitor, gateway } = status;
  const content = [
    element("h1", {}, "Services"),
    element("p", { class: "lead" }, summaryOf(services)),
    asksForLogin(status) ? loginForm(base, failedLogin ?? endedLogin(visitor)) : undefined,
    services.map((service) => serviceView(service, { folded: true, connect: waysToConnect(service, base) })),
    services.length === 0 ? nothingYet(hint) : undefined,
    services.length > 1 ? allAsOne(all) : undefined,
  ];
  return framed({ home: base, end: endOf(visitor, base), foot: `Gangway ${gateway.version}` }, content);
}

/** Whoever has no token that opens a service, or not any more. */
const asksForLogin = ({ services, visitor }: GatewayStatus) => {
  const asking = services.filter(({ asksForToken }) => asksForToken);
  return !visitor.isHere && asking.length > 0 && asking.every(({ details }) => details === undefined);
};

/** The token of a login is asked for anew each time: it may have been revoked, or be another service's. */
const endedLogin = ({ isLoggedIn }: Visitor) =>
  isLoggedIn ? "The token that you logged in with does not open this. Log in with another." : undefined;

function summaryOf(services: readonly ServiceStatus[]): string {
  const up = services.filter(({ state }) => state === "up").length;
  if (services.length === 0) return "There is no service yet.";
  if (up === services.length) return up === 1 ? "The service is up." : `All ${up} services are up.`;
  return `${up} of ${counted(services.length, "service")} ${up === 1 ? "is" : "are"} up.`;
}

const nothingYet = (hint = "Add one to the catalog, and it appears here."): Element =>
  element(
    "div",
    { class: "card" },
    element("h2", {}, "Nothing to see yet"),
    element("p", {}, hint.charAt(0).toUpperCase() + hint.slice(1)),
  );

/** On the page of all services a link is enough: each page of a service has every client. */
const waysToConnect = ({ name }: ServiceStatus, base: string): Element =>
  element(
    "div",
    { class: "list" },
    element(
      "p",
      {},
      element("a", { href: `${base}${encodeURIComponent(name)}#connect` }, `Connect a client to ${name}`),
      ": the config of every client, and a QR code of the URL.",
    ),
  );

const allAsOne = (url: string): Element =>
  element(
    "section",
    { class: "card" },
    element("h2", {}, "All of them as one server"),
    element(
      "p",
      { class: "lead" },
      "A client that connects here sees the tools of every service, each with its service's name before it.",
    ),
    copyable(url, "URL of all services"),
  );

/** What the page of one service says besides that. */
export interface ServiceSurroundings extends Surroundings {
  /** The page of all services; undefined = there is none. */
  readonly hub: string | undefined;
  /** How to connect a client. */
  readonly connect: Child;
}

/** One service alone. */
export function oneServiceView(
  service: ServiceStatus,
  visitor: Visitor,
  { base, failedLogin, hub, connect }: ServiceSurroundings,
): Child {
  const isStranger = service.asksForToken && service.details === undefined && !visitor.isHere;
  const content = [
    isStranger ? loginForm(base, failedLogin ?? endedLogin(visitor), service.name) : undefined,
    serviceView(service, { folded: false, connect }),
  ];
  const back = hub === undefined ? undefined : element("a", { href: hub }, "All services");
  return framed({ home: hub ?? base, end: [back, endOf(visitor, base)] }, content);
}

function loginForm(base: string, failed: string | undefined, service = "<service>"): Element {
  return element(
    "form",
    { class: "card login", method: "post", action: `${base}_/login`, "aria-label": "Log in" },
    element("h2", {}, "Log in"),
    element(
      "p",
      { class: "muted", id: "what" },
      "With the token that clients send. You then see the tools, the log and the last hour of the services that it opens, and can try their tools.",
    ),
    element(
      "div",
      { class: "field" },
      element("label", { for: "token" }, "Token"),
      element("input", {
        id: "token",
        name: "token",
        type: "password",
        required: true,
        autocomplete: "current-password",
        "aria-describedby": failed === undefined ? "what where" : "failed what where",
        "aria-invalid": failed === undefined ? undefined : "true",
      }),
      failed === undefined ? undefined : element("p", { class: "wrong", id: "failed" }, failed),
    ),
    element("div", { class: "actions" }, element("button", { class: "primary" }, "Log in")),
    element(
      "p",
      { class: "help", id: "where" },
      "Whoever runs the gateway has it: ",
      element("code", {}, `npx gangway token ${service}`),
    ),
  );
}

const endOf = ({ isLoggedIn, csrf }: Visitor, base: string): Child =>
  isLoggedIn
    ? element(
        "form",
        { method: "post", action: `${base}_/logout` },
        element("input", { type: "hidden", name: "csrf", value: csrf }),
        element("button", {}, "Log out"),
      )
    : undefined;
