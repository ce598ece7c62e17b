/** Reads an upstream's answer that is not MCP: it wants a login, or something else is at its URL. */
import { GatewayError } from "../errors.ts";
import { shownUrl } from "./causes.ts";
import { written } from "../jsonrpc.ts";
import type { UpstreamResponse } from "./upstream-request.ts";
import { messagesIn } from "./upstream-response.ts";

/** What was asked, and what came. */
export interface Refused {
  readonly service: string;
  readonly url: string;
  readonly method: string;
  /** What the gateway sends with every request, secrets included. */
  readonly sent: Readonly<Record<string, string>>;
  readonly response: Pick<UpstreamResponse, "status" | "headers">;
}

const SSE = 'For the older HTTP+SSE, whose path is often /sse, add --url-type sse (in gateway.json "type": "sse").';

/** The error for an answer with this status and without a JSON-RPC error. */
export function refusalOf(refused: Refused): GatewayError {
  const { service, url, method, response } = refused;
  const { status } = response;
  if (status === 401 || status === 403) return unauthorized(refused);
  if (method === "initialize" && (status === 404 || status === 405)) {
    const remedy = status === 404 ? `Check the path, which is often /mcp. ${SSE}` : SSE;
    const problem = status === 404 ? "has nothing there" : "takes no messages there";
    const operator = `${shownUrl(url)} ${problem} (HTTP ${status}). ${remedy}`;
    const answer = `HTTP ${status}`;
    return new GatewayError("upstream-not-mcp", { service, answer, remedy }, { operator });
  }
  const operator = `${shownUrl(url)} answered HTTP ${status}. Its own log may say why.`;
  return new GatewayError("upstream-refused", { service, status }, { operator });
}

/** The error for an answer to `initialize` that is a page for browsers. */
export function pageInstead({ service, url }: Pick<Refused, "service" | "url">): GatewayError {
  const remedy = "Check the path, which is often /mcp.";
  const operator = `${shownUrl(url)} is a web page, and no MCP server. ${remedy}`;
  return new GatewayError("upstream-not-mcp", { service, answer: "a web page is there", remedy }, { operator });
}

function unauthorized({ service, url, sent, response: { status, headers } }: Refused): GatewayError {
  const isKnown = Object.keys(sent).length > 0;
  const wantsOAuth = /resource_metadata/i.test(headers["www-authenticate"] ?? "");
  const problem = isKnown ? "does not accept the service's secret" : "asks for a login";
  const remedy = wantsOAuth && !isKnown ? OAUTH : isKnown ? CHECK : TOKEN;
  const operator = `${shownUrl(url)} ${problem} (HTTP ${status}). ${remedy}`;
  return new GatewayError("upstream-unauthorized", { service, status, problem, remedy }, { operator });
}

/** The error of a JSON-RPC message, exactly as written. Its id is not looked at: whoever refuses a request may not have read it. */
export function errorIn(said: string): string | undefined {
  const [text = ""] = messagesIn(said);
  return written(text, 0, "error", "message") === undefined ? undefined : written(text, 0, "error");
}

const CHECK = "Check the secret, and the header that carries it.";
const TOKEN = 'Set its token as GANGWAY_SERVER_TOKEN (in a container SERVER_TOKEN), or its "headers" in gateway.json.';
const OAUTH = `It takes OAuth, which a gateway cannot do for its callers: use a token if it takes one. ${TOKEN}`;
