/** One service on the page, drawn by the server at first and by the browser at each change. */
import type { ServiceDetails, ServiceStatus } from "../status.ts";
import { chart, said } from "./chart.ts";
import { element, kept, type Child, type Element } from "./markup.ts";
import { copyable, counted, folded } from "./text.ts";
import { toolView } from "./tool.ts";

/** How a service is drawn. */
export interface Drawn {
  /** Whether it stands among others, folded, or alone on a page of its own. */
  readonly folded: boolean;
  /** How to connect a client. The browser has none: it leaves alone what the server wrote. */
  readonly connect?: Child;
}

/** The service with all its sections. */
export function serviceView(status: ServiceStatus, { folded: isFolded, connect }: Drawn): Element {
  const { name, details } = status;
  const section = sectionsUnder(isFolded ? "h3" : "h2");
  const sections = element(
    "div",
    { class: "sections" },
    section("Overview", overview(status)),
    details && section("Tools", tools(status, details)),
    section("Connect", kept("div", { class: "clients" }, connect)),
    details && section("Log", log(status, details)),
  );
  const attributes = { class: "service", id: name, "data-service": name };
  if (isFolded) return folded(headline(status, "h2"), sections, attributes);
  return element("article", attributes, element("header", {}, headline(status, "h1")), sections);
}

function headline(status: ServiceStatus, heading: string): Child {
  const { name, state, details } = status;
  return [
    element(heading, {}, name),
    element("span", { class: `state ${state}` }, WORDS[state]),
    details && element("span", { class: "facts" }, factsOf(details)),
    details && lastHour(details),
    problemOf(status),
  ];
}

/** An hour without calls needs no chart. */
const lastHour = (details: ServiceDetails): Element =>
  isBusy(details) ? chart(details.minutes) : element("span", { class: "quiet muted" }, said(details.minutes));

const WORDS: Readonly<Record<ServiceStatus["state"], string>> = {
  up: "up",
  starting: "starting",
  needs: "needs you",
  failed: "failed",
  stopped: "stopped",
};

const factsOf = ({ tools, moreTools = 0, members }: ServiceDetails) =>
  [tools && counted(tools.length + moreTools, "tool"), members && `a group of ${counted(members.length, "service")}`]
    .filter((fact) => fact !== undefined)
    .join(", ");

/** Why it is not up, and what to do. */
function problemOf({ problem, remedy, state }: ServiceStatus): Child {
  if (problem === undefined && remedy === undefined) return undefined;
  return element(
    "span",
    { class: `problem ${state}` },
    problem === undefined ? undefined : element("strong", {}, sentence(problem)),
    remedy === undefined ? undefined : ` ${sentence(remedy)}`,
  );
}

const sentence = (text: string) => {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…:]$/.test(begun) ? begun : `${begun}.`;
};

/** Alone on its page, each section has an address. */
const sectionsUnder =
  (heading: "h2" | "h3") =>
  (title: string, inside: Child): Element => {
    const word = title.toLowerCase();
    const id = heading === "h2" ? word : undefined;
    return element("section", { class: word, id }, element(heading, { class: "title" }, title), inside);
  };

function overview(service: ServiceStatus): Child {
  const { url, details } = service;
  return [
    element("div", { class: "url" }, copyable(url, "URL")),
    details && isBusy(details)
      ? element("p", { class: "hour" }, `${said(details.minutes)}, at most ${peak(details)} in a minute`)
      : undefined,
    element("dl", {}, fact("Login", loginOf(service)), details && detailed(details)),
  ];
}

function loginOf({ asksForToken, hasLogin, keyUrl }: ServiceStatus): string {
  if (hasLogin) return keyUrl === undefined ? "in the browser" : "in the browser, or by token at an address of its own";
  return asksForToken ? "by token" : "none, everybody who reaches it may call";
}

const isBusy = ({ minutes }: ServiceDetails) => minutes.calls.some((count) => count > 0);

const peak = ({ minutes }: ServiceDetails) => Math.max(...minutes.calls);

function detailed({ version, isolation, members, sessions, processes, restarts, since }: ServiceDetails): Child {
  return [
    version === undefined ? undefined : fact("Version", version),
    members
      ? fact("Made of", members.join(", "))
      : fact("Server", isolation === "shared" ? "one process for all" : "a process for each session"),
    fact("Sessions", String(sessions)),
    members ? undefined : fact("Processes", String(processes)),
    fact("Restarts", String(restarts)),
    fact("Since", element("time", { datetime: since }, moment(since))),
  ];
}

const fact = (name: string, value: Child): Element =>
  element("div", {}, element("dt", {}, name), element("dd", {}, value));

/** The same text in the server's time zone and in the reader's. */
const moment = (iso: string) => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

function tools(status: ServiceStatus, { tools: listed, moreTools = 0, members }: ServiceDetails): Child {
  if (listed === undefined && members)
    return element(
      "p",
      { class: "muted" },
      "Its tools are those of its members, each with its service's name before it.",
    );
  if (listed === undefined) return element("p", { class: "muted" }, "Its tools are listed here when its server is up.");
  if (listed.length === 0) return element("p", { class: "muted" }, "Its server offers no tools.");
  return [
    element(
      "div",
      { class: "list" },
      listed.map((tool) => toolView(status, tool)),
    ),
    moreTools > 0
      ? element("p", { class: "muted" }, `${counted(moreTools, "more tool")}, which are too many for this page.`)
      : undefined,
  ];
}

/** Why a service has failed is in its log, which then is open. */
function log({ state }: ServiceStatus, { log: lines }: ServiceDetails): Child {
  if (lines.length === 0)
    return element("p", { class: "muted" }, "Nothing yet. What its server writes to stderr appears here.");
  const pre = element("pre", { tabindex: 0, role: "region", "aria-label": "Log" }, lines.join("\n"));
  return folded(`Last ${counted(lines.length, "line")}`, pre, { class: "lines", open: state === "failed" });
}
