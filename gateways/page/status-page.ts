/** The hub's page for a browser: its /health as a table. */
import { errorFor, type Address } from "../health.ts";
import { escape, htmlOf } from "./html.ts";
import type { Service } from "../sessions/service.ts";

/** Seconds. */
const RELOAD_WHILE_STARTING = 2;

/** What is on the page besides the services. */
export interface StatusPage {
  readonly knowsMore: (service: Service) => boolean;
  readonly all: string;
  readonly hint?: string | undefined;
}

/**
 * The page as HTML. It reloads itself only while a service is starting.
 * @param own.knowsMore whether the caller may know why a service failed
 * @param own.all the URL of all services as one
 * @param own.hint what to do where there is no service yet
 */
export function statusPage(
  services: readonly Service[],
  addressOf: (service: Service) => Address,
  { knowsMore, all, hint }: StatusPage,
): string {
  const one = services.length > 1 ? `\n<p>All of them as one server: <code>${escape(all)}</code></p>` : "";
  const rows = services.map((service) => row(service, addressOf(service), knowsMore(service)));
  const body = `<h1>Gangway</h1>
<table>
<thead><tr><th scope="col">service<th scope="col">state<th scope="col">tools<th scope="col">URL<th scope="col">what is missing</thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>${one}${hint === undefined ? "" : `\n<p>${escape(sentence(hint))}</p>`}`;
  const isStarting = services.some(({ state }) => state === "starting");
  return htmlOf({ title: "Gangway", body, reload: isStarting ? RELOAD_WHILE_STARTING : undefined });
}

function row(service: Service, { url }: Address, knowsMore: boolean): string {
  const { name, state, tools, needs } = service;
  const error = errorFor(service, knowsMore);
  const cells = [
    `<a href="/${encodeURIComponent(name)}">${escape(name)}</a>`,
    `<span class="${state}">${state}</span>`,
    tools === undefined ? "" : `${tools}<span class="unit"> tools</span>`,
    `<code>${escape(url)}</code>`,
    escape(needs ?? error ?? ""),
  ];
  return `<tr><td>${cells.join("<td>")}`;
}

const sentence = (hint: string) => hint.charAt(0).toUpperCase() + hint.slice(1);
