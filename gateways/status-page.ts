/** The hub's page for a browser: its /health as a table. */
import { errorFor, type Address } from "./health.ts";
import type { Service } from "./sessions/service.ts";

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 3rem auto; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .5rem .75rem; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
  .up { color: light-dark(#186a3b, #6fcf97); } .needs { color: light-dark(#7a5c00, #f2c94c); }
  .failed { color: light-dark(#a8201a, #ff8a80); }
  code { font-size: .9em; }`;

/**
 * The page as HTML. It needs no script, loads nothing, and reloads itself every five seconds.
 * @param knowsMore whether the caller may know why a service failed
 * @param hint what to do where there is no service yet
 */
export function statusPage(
  services: readonly Service[],
  addressOf: (service: Service) => Address,
  knowsMore: (service: Service) => boolean,
  hint?: string,
): string {
  const rows = services.map((service) => row(service, addressOf(service), knowsMore(service)));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5">
<title>Gangway</title>
<style>${STYLE}
</style>
<h1>Gangway</h1>
<table>
<thead><tr><th>service<th>state<th>tools<th>URL<th>needs</thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>${hint === undefined ? "" : `\n<p>${escape(sentence(hint))}</p>`}
</html>
`;
}

function row(service: Service, { url }: Address, knowsMore: boolean): string {
  const { name, state, tools, needs } = service;
  const error = errorFor(service, knowsMore);
  const cells = [name, `<span class="${state}">${state}</span>`, String(tools ?? ""), `<code>${escape(url)}</code>`];
  return `<tr><td>${cells.join("<td>")}<td>${escape(needs ?? error ?? "")}`;
}

const sentence = (hint: string) => hint.charAt(0).toUpperCase() + hint.slice(1);

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escape = (text: string) => text.replace(/[&<>"]/g, (char) => ESCAPES[char]!);
