/** What a browser gets that opens the URL of a service: what it is, and how to connect a client. */
import { errorFor } from "../health.ts";
import { escape, htmlOf } from "./html.ts";
import type { Service } from "../sessions/service.ts";
import { told } from "../secrets.ts";

/** What the page tells besides the service. */
export interface Visit {
  /** The MCP endpoint, as the visitor reaches it. */
  readonly url: string;
  /** The hub's page; undefined = there is no hub. */
  readonly hub: string | undefined;
  /** Whether callers need a token: then strangers are told only what the probes tell, too. */
  readonly asksForToken: boolean;
  /** Whether the visitor is on this machine, and may know why a service failed. */
  readonly isHere: boolean;
}

/** The page as HTML. */
export function servicePage(service: Service, visit: Visit): string {
  const { name } = service;
  const body = `<h1>${escape(name)}</h1>
<p>An MCP server behind Gangway: <span class="${service.state}">${service.state}</span>${facts(service, visit)}</p>
${problem(service, visit)}<p>This address is for MCP clients, not for browsers.</p>
${connect(service, visit)}${visit.hub === undefined ? "" : `\n<p><a href="${escape(visit.hub)}">All services of this gateway</a></p>`}`;
  return htmlOf({ title: `${name} – Gangway`, body });
}

function facts({ version, tools, state }: Service, { asksForToken, isHere }: Visit): string {
  const count =
    state === "up" && (isHere || !asksForToken) && tools !== undefined
      ? [`${tools} tool${tools === 1 ? "" : "s"}`]
      : [];
  return [...count, ...(state === "up" ? [`version ${escape(version)}`] : [])].map((fact) => `, ${fact}`).join("");
}

function problem(service: Service, { isHere }: Visit): string {
  const { needs, remedy } = service;
  const error = errorFor(service, isHere);
  if (needs !== undefined) return `<p>It needs ${escape(needs)}. ${escape(told(remedy))}</p>\n`;
  return error === undefined ? "" : `<p>${escape(error)}</p>\n`;
}

function connect({ name }: Service, { url, asksForToken }: Visit): string {
  const key = /^[\w-]+$/.test(name) ? name : "server";
  const header = asksForToken ? ` --header "Authorization: Bearer <token>"` : "";
  const headers = asksForToken ? { headers: { Authorization: "Bearer <token>" } } : {};
  const entry = { mcpServers: { [key]: { type: "http", url, ...headers } } };
  const token = `<p>It asks for a token, which stands in place of <code>&lt;token&gt;</code>. Whoever runs the gateway has it: <code>npx gangway token ${escape(key)}</code></p>\n`;
  return `<h2>Connect</h2>
<p>Its URL, for any client that speaks Streamable HTTP:</p>
<pre><code>${escape(url)}</code></pre>
${asksForToken ? token : ""}<p>Claude Code:</p>
<pre><code>${escape(`claude mcp add --transport http ${key} ${url}${header}`)}</code></pre>
<p>A client with a JSON file:</p>
<pre><code>${escape(JSON.stringify(entry, undefined, 2))}</code></pre>
<p>A client of the older HTTP with SSE connects to <code>${escape(besides(url, "sse"))}</code>, one over a WebSocket to <code>${escape(besides(url, "ws").replace("http", "ws"))}</code>.</p>`;
}

/** Another way in of the same service. */
const besides = (url: string, way: string) => url.replace(/mcp$/, way);
