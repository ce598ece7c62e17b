/** Reads an upstream's answer that is not MCP: it wants a login, or something else is at its URL. */
import { GatewayError } from "../errors.ts";
import { told } from "../secrets.ts";
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
  /** Its own words, if it gives any. */
  readonly said?: string | undefined;
  /** @default - those of a gateway */
  readonly remedies?: Remedies | undefined;
}

/** What to do, in sentences for whoever set the upstream up. */
export interface Remedies {
  /** What the secret is called that is sent. */
  readonly secret: string;
  /** Streamable HTTP is not spoken there. */
  readonly sse: string;
  /** It does not take the secret. */
  readonly check: string;
  /** It wants a secret, and gets none. */
  readonly token: string;
  /** It wants OAuth. */
  readonly oauth: string;
  /** It has had too many requests. */
  readonly busy: string;
  /** It redirects to another origin. */
  readonly redirect: string;
}

const TOKEN = 'Set its token as GANGWAY_SERVER_TOKEN (in a container SERVER_TOKEN), or its "headers" in gateway.json.';

/** Those of a gateway. */
export const REMEDIES: Remedies = {
  secret: "the service's secret",
  sse: 'For the older HTTP+SSE, whose path is often /sse, add --url-type sse (in gateway.json "type": "sse").',
  check: "Check the secret, and the header that carries it.",
  token: TOKEN,
  oauth: `It takes OAuth, which a gateway cannot do for its callers: use a token if it takes one. ${TOKEN}`,
  busy: "Its own log may say why.",
  redirect: "Set its URL to that if you trust it: the gateway sends the service's secret to no other origin.",
};

/** The error for an answer with this status and without a JSON-RPC error. */
export function refusalOf(refused: Refused): GatewayError {
  const { service, url, method, response, remedies = REMEDIES } = refused;
  const { status } = response;
  if (status === 429) return busy(refused);
  if (status === 401 || status === 403) return unauthorized(refused);
  if (method === "initialize" && (status === 404 || status === 405)) {
    const remedy = status === 404 ? `Check the path, which is often /mcp. ${remedies.sse}` : remedies.sse;
    const problem = status === 404 ? "has nothing there" : "takes no messages there";
    const operator = `${shownUrl(url)} ${problem} (HTTP ${status}). ${remedy}`;
    const answer = `HTTP ${status}`;
    return new GatewayError("upstream-not-mcp", { service, answer, remedy }, { operator });
  }
  const remedy = "Its own log may say why.";
  const operator = `${shownUrl(url)} answered HTTP ${status}. ${remedy}`;
  return new GatewayError("upstream-refused", { service, status, remedy }, { operator });
}

/** An upstream's words: they are data, and may be about something else than we think. */
const quoting = (said: string | undefined) => (said === undefined ? "" : `It says: ${told(said, { limit: 300 })} `);

/** The error for an answer to `initialize` that is a page for browsers. */
export function pageInstead({ service, url }: Pick<Refused, "service" | "url">): GatewayError {
  const remedy = "Check the path, which is often /mcp.";
  const operator = `${shownUrl(url)} is a web page, and no MCP server. ${remedy}`;
  return new GatewayError("upstream-not-mcp", { service, answer: "a web page is there", remedy }, { operator });
}

function busy({ service, url, said, remedies = REMEDIES, response: { status, headers } }: Refused): GatewayError {
  const seconds = /^\d{1,6}$/.test(headers["retry-after"] ?? "") ? Number(headers["retry-after"]) : undefined;
  const wait = seconds === undefined ? "" : ` It asks to wait ${seconds} s.`;
  const remedy = `${quoting(said)}${remedies.busy}${wait}`;
  const operator = `${shownUrl(url)} answered HTTP ${status}: too many requests. ${remedy}`;
  return new GatewayError("upstream-refused", { service, status, remedy }, { operator });
}

function unauthorized(refused: Refused): GatewayError {
  const { service, url, sent, said, remedies = REMEDIES, response } = refused;
  const { status, headers } = response;
  const isKnown = Object.keys(sent).length > 0;
  const wantsOAuth = /resource_metadata/i.test(headers["www-authenticate"] ?? "");
  const problem = isKnown ? `does not accept ${remedies.secret}` : "asks for a login";
  const remedy = quoting(said) + (isKnown ? remedies.check : wantsOAuth ? remedies.oauth : remedies.token);
  const operator = `${shownUrl(url)} ${problem} (HTTP ${status}). ${remedy}`;
  return new GatewayError("upstream-unauthorized", { service, status, problem, remedy }, { operator });
}

/** The error of a JSON-RPC message, exactly as written. Its id is not looked at: whoever refuses a request may not have read it. */
export function errorIn(said: string): string | undefined {
  const [text = ""] = messagesIn(said);
  return written(text, 0, "error", "message") === undefined ? undefined : written(text, 0, "error");
}
