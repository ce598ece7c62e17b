/** The catalogue of the gateway's errors: every error text is written once, here. */

import { told } from "./secrets.ts";

/** One kind of error. `{name}` in a text is filled in from the error's details. */
export interface Refusal {
  /** HTTP status. A server that fails a valid call is 200: proxies replace the body of a 5xx with a page of their own. */
  readonly status: number;
  /** JSON-RPC error code. -32000 to -32099 is for the implementation to assign (JSON-RPC 2.0, section 5.1). */
  readonly code: number;
  /** What happened; the caller reads it. */
  readonly message: string;
  /** What to do about it; the caller reads it after the message. */
  readonly remedy: string;
}

/** Where to look: the remedy of a server that does not start. On the terminal these lines are shown instead. */
export const lookInLog = "The gateway's log has the last lines of its stderr.";

/** Every error of the gateway, by name. */
export const catalogue = {
  "parse-error": {
    status: 400,
    code: -32700,
    message: "The body is not valid JSON{detail}.",
    remedy: "Send one JSON-RPC 2.0 message as UTF-8 JSON.",
  },
  "too-deep": {
    status: 400,
    code: -32600,
    message: "The body is nested more than {limit} levels deep.",
    remedy: "Send what is nested so deeply as text.",
  },
  "invalid-request": {
    status: 400,
    code: -32600,
    message: "The message is not a JSON-RPC 2.0 message: {detail}.",
    remedy: 'Send {"jsonrpc":"2.0","id":...,"method":"...","params":{...}}; the id is a string or a number.',
  },
  "header-mismatch": {
    status: 400,
    code: -32020,
    message: "The {header} header {problem}.",
    remedy: "Repeat the value from the body in the header (MCP 2026-07-28, Streamable HTTP, Request Metadata).",
  },
  "unknown-version": {
    status: 400,
    code: -32022,
    message: "Protocol version {requested} is not supported here. Supported: {supported}.",
    remedy: "Send a supported version in the header and in _meta, or open a session with initialize.",
  },
  "invalid-params": {
    status: 400,
    code: -32602,
    message: "The parameters are not valid for this method: {detail}.",
    remedy: "See the schema of the protocol revision.",
  },
  "batch-not-supported": {
    status: 400,
    code: -32600,
    message: "{detail}",
    remedy: "Send each message on its own (protocol revision 2025-06-18 removed batches).",
  },
  "unsupported-version": {
    status: 400,
    code: -32000,
    message: "Protocol version {version} is not supported here. Supported: {supported}.",
    remedy: "Send MCP-Protocol-Version with the version that initialize agreed on.",
  },
  "session-required": {
    status: 400,
    code: -32000,
    message: "The Mcp-Session-Id header is missing.",
    remedy: "Send initialize first, then its Mcp-Session-Id with every request.",
  },
  "sse-session-required": {
    status: 400,
    code: -32000,
    message: "The query has no sessionId.",
    remedy:
      "Open GET /sse first, and post to the URL of its first event, `endpoint`. For Streamable HTTP, post to /mcp.",
  },
  "session-not-found": {
    status: 404,
    code: -32001,
    message: "Session not found: it ended, was idle too long, or never existed.",
    remedy: "Open a new session with initialize.",
  },
  "sse-session-not-found": {
    status: 404,
    code: -32001,
    message: "Session not found: its stream has ended, or it never existed.",
    remedy: "Open GET /sse again, and post to the URL of its first event.",
  },
  "not-owner": {
    status: 421,
    code: -32000,
    message: "This gateway no longer has the session. The call has not run.",
    remedy: "Send it to another gateway of the service.",
  },
  "owner-silent": {
    status: 503,
    code: -32000,
    message: "The gateway that has this session, or is to run this call, does not answer. The call has not run.",
    remedy: "Try again in a few seconds.",
  },
  "forward-broke": {
    status: 200,
    code: -32000,
    message: "The gateway that has this session ended before it answered. The call may have run.",
    remedy: "Check whether it took effect before you repeat it.",
  },
  "forward-refused": {
    status: 403,
    code: -32000,
    message: "The request says that another gateway sent it on, but the claim is not valid or has expired.",
    remedy:
      "Leave out Gangway-Forwarded. Gateways of one service need the same SESSION_SECRET and synchronized clocks.",
  },
  "too-many-sessions": {
    status: 503,
    code: -32000,
    message: "{service} has {limit} sessions open, which is its limit.",
    remedy: "Try again later, end sessions with DELETE, or raise --max-sessions.",
  },
  "too-many-children": {
    status: 503,
    code: -32000,
    message: "All {limit} server processes of {service} are busy.",
    remedy: "Try again later, or raise --max-children.",
  },
  "too-many-listeners": {
    status: 503,
    code: -32000,
    message: "{limit} subscriptions are open, which is the limit.",
    remedy: "Close the ones that nobody reads, and try again.",
  },
  "too-many-calls": {
    status: 503,
    code: -32000,
    message: "{limit} calls of this client are waiting for {service}, which is the limit.",
    remedy: "Try again later.",
  },
  "too-many-open-calls": {
    status: 503,
    code: -32000,
    message: "The session has {limit} calls open, which is the limit. The call has not run.",
    remedy: "Wait for answers before sending more calls, or raise --max-open-calls.",
  },
  "too-many-open-requests": {
    status: 429,
    code: -32000,
    message: "{limit} requests are open, which is all that {share} allows. The request has not run.",
    remedy: "Close the ones that nobody reads, or raise --max-connections.",
  },
  "too-many-connections": {
    status: 503,
    code: -32000,
    message: "{limit} connections are open, which is the limit.",
    remedy: "Close the ones that are not needed, or raise --max-connections.",
  },
  "memory-exhausted": {
    status: 503,
    code: -32000,
    message: "No memory is left for this request: {share} is full ({limit} of answers, calls and events wait there).",
    remedy: "Read open answers to their end and try again, or raise the container's memory (or --memory-budget).",
  },
  "answer-dropped": {
    status: 200,
    code: -32000,
    message: "The call has run, but no memory is left for its answer of {bytes} bytes: {share} is full ({limit}).",
    remedy:
      "Read answers to their end before sending more calls, ask for less at once, or raise the container's memory (or --memory-budget).",
  },
  "service-needs": {
    status: 503,
    code: -32000,
    message: "{service} needs {needs}.",
    remedy: "{remedy}",
  },
  "shutting-down": {
    status: 503,
    code: -32000,
    message: "The gateway is shutting down.",
    remedy: "Connect again in a few seconds.",
  },
  "child-start-failed": {
    status: 503,
    code: -32000,
    message: "The MCP server of {service} did not start: {reason}.",
    remedy: "{remedy}",
  },
  "still-installing": {
    status: 503,
    code: -32000,
    message: "The MCP server of {service} is not up yet: its package runner may be installing it.",
    remedy: "Try again in a few seconds.",
  },
  "initialize-refused": {
    status: 503,
    code: -32000,
    message: "The MCP server refused the handshake of the protocol revisions up to 2025-11-25: {reason}.",
    remedy: lookInLog,
  },
  "discover-refused": {
    status: 503,
    code: -32000,
    message: "The MCP server refused the discovery of MCP 2026-07-28: {reason}.",
    remedy: lookInLog,
  },
  "no-common-version": {
    status: 503,
    code: -32000,
    message: "The gateway speaks none of the protocol revisions that the MCP server supports ({versions}).",
    remedy: "Use a release of the server or of the gateway that shares a revision with the other.",
  },
  "child-died": {
    status: 200,
    code: -32000,
    message: "The MCP server of {service} ended ({reason}) before it answered. The call may have run.",
    remedy: "Check whether it took effect before you repeat it.",
  },
  "call-ended": {
    status: 200,
    code: -32000,
    message: "The call was ended before its answer came ({reason}). It may have run.",
    remedy: "Check whether it took effect before you repeat it.",
  },
  "answer-not-kept": {
    status: 200,
    code: -32000,
    message: "The answer came while the client was away and is too large to keep ({bytes} bytes). The call has run.",
    remedy: "Ask for less at once.",
  },
  "too-many-client-requests": {
    status: 200,
    code: -32000,
    message: "{limit} requests to the client wait for an answer, which is the limit.",
    remedy: "Wait for answers before sending more requests.",
  },
  "too-many-subscriptions": {
    status: 200,
    code: -32000,
    message: "A session may have at most {limit} subscriptions of {bytes} bytes in all.",
    remedy: "End some with resources/unsubscribe.",
  },
  "bad-answer": {
    status: 200,
    code: -32603,
    message: "The MCP server of {service} sent an answer that is not a JSON-RPC message. The call may have run.",
    remedy: "Report it to the server's author.",
  },
  "child-not-reading": {
    status: 503,
    code: -32000,
    message: "The MCP server of {service} does not read its input.",
    remedy: "Try again later.",
  },
  "request-timeout": {
    status: 200,
    code: -32001,
    message: "{service} did not answer {method} within {seconds} s. The call was cancelled and may have run.",
    remedy: "Raise --request-timeout, or have the server report progress.",
  },
  cancelled: {
    status: 200,
    code: -32800,
    message: "The request was cancelled by its caller.",
    remedy: "Nothing to do.",
  },
  "upstream-unreachable": {
    status: 200,
    code: -32000,
    message: "The MCP server behind {service} cannot be reached: {reason}. The call has not run.",
    remedy: "{remedy}",
  },
  "upstream-start-failed": {
    status: 503,
    code: -32000,
    message: "The MCP server behind {service} broke off in the handshake: {reason}.",
    remedy: "Its own log may say why.",
  },
  "upstream-redirects": {
    status: 200,
    code: -32000,
    message: "The MCP server behind {service} redirects to {location} (HTTP {status}). The call has not run.",
    remedy: "{remedy}",
  },
  "upstream-unauthorized": {
    status: 200,
    code: -32000,
    message: "The MCP server behind {service} {problem} (HTTP {status}).",
    remedy: "{remedy}",
  },
  "upstream-not-mcp": {
    status: 200,
    code: -32000,
    message: "There is no Streamable HTTP endpoint at the URL of {service} ({answer}).",
    remedy: "{remedy}",
  },
  "upstream-refused": {
    status: 200,
    code: -32000,
    message: "The MCP server behind {service} answered HTTP {status}.",
    remedy: "{remedy}",
  },
  "upstream-broke": {
    status: 200,
    code: -32000,
    message:
      "The MCP server behind {service} received the call but did not answer it ({reason}). The call may have run.",
    remedy: "Check whether it took effect before you repeat it.",
  },
  "upstream-session-ended": {
    status: 200,
    code: -32000,
    message: "The MCP server behind {service} has ended the session. The call has not run.",
    remedy: "Send it again.",
  },
  "client-request-refused": {
    status: 200,
    code: -32603,
    message: "The server asked the client for {method}, and the client answered with an error: {reason}.",
    remedy: "Call again when the client can answer.",
  },
  "client-request-unanswered": {
    status: 200,
    code: -32603,
    message: "The server asked the client for {method}, and the client did not answer within {seconds} s.",
    remedy: "Call again when somebody is there to answer, or raise --request-timeout.",
  },
  "too-many-input-rounds": {
    status: 200,
    code: -32603,
    message: "The server asked the client for input {limit} times in one call, which is the limit.",
    remedy: "Report it to the server's author.",
  },
  "client-request-unsupported": {
    status: 200,
    code: -32601,
    message: "{method} cannot reach the client: it speaks MCP 2026-07-28, this server an earlier revision.",
    remedy: "If the server has to send requests to the client during a call, use a client of an earlier revision.",
  },
  "shared-child": {
    status: 200,
    code: -32601,
    message:
      "{method} is not available: this server is shared by several sessions, so the request belongs to no single client.",
    remedy: "Run the service with isolation `session`.",
  },
  unauthorized: {
    status: 401,
    code: -32000,
    message: "A valid bearer token is required{detail}.",
    remedy: "Send Authorization: Bearer <token>; the operator sets it as MCP_BEARER_TOKEN.",
  },
  "login-required": {
    status: 401,
    code: -32000,
    message: "A login is required{detail}.",
    remedy: "Log in with a client that knows OAuth: the WWW-Authenticate header says where.",
  },
  "auth-server-away": {
    status: 503,
    code: -32000,
    message: "The authorization server cannot be reached, so nobody knows whether the token is valid: {reason}.",
    remedy: "Try again in a few seconds. The token may be right: keep it.",
  },
  "token-unchecked": {
    status: 503,
    code: -32000,
    message: "Whether the token is valid is not known: {reason}.",
    remedy: "Try again after the time in Retry-After; the token may be right.",
  },
  "too-many-failed-logins": {
    status: 429,
    code: -32000,
    message: "Too many failed logins from {whose}{detail}.",
    remedy: "Send the right token, which is never refused, or wait before you try others.",
  },
  "no-oauth": {
    status: 404,
    code: -32000,
    message: "This address takes a bearer token in the Authorization header; it has no OAuth.",
    remedy:
      "Configure the client with the header Authorization: Bearer <token>; whoever runs the server has the token.",
  },
  "no-login": {
    status: 404,
    code: -32000,
    message: "This server needs no login; it has no OAuth.",
    remedy: "Call it without a token.",
  },
  "rate-limited": {
    status: 429,
    code: -32000,
    message: "Too many requests: the limit is {limit}.",
    remedy: "Slow down. Retry-After says how long to wait.",
  },
  csrf: {
    status: 403,
    code: -32000,
    message: "The request does not prove that a page of this gateway has made it.",
    remedy: "Load the page again, and send its proof in the header X-CSRF-Token.",
  },
  "page-waits-no-longer": {
    status: 200,
    code: -32001,
    message: "{service} did not answer within {seconds} s, and the page waits no longer. The call may have run.",
    remedy: "Call the tool from a client, which may wait for as long as it likes.",
  },
  "too-long-to-show": {
    status: 200,
    code: -32000,
    message: "The call has run, and its answer of {bytes} bytes is longer than the {limit} that the page can show.",
    remedy: "Ask for less at once, or call the tool from a client.",
  },
  "page-gives-no-input": {
    status: 200,
    code: -32000,
    message: "The tool asks its caller for input before it goes on, and the page declines.",
    remedy: "Call the tool from a client that can answer it.",
  },
  "host-not-allowed": {
    status: 403,
    code: -32000,
    message: "This host name is not one of the gateway's.",
    remedy: "Add it to --allowed-hosts if it is yours.",
  },
  "origin-not-allowed": {
    status: 403,
    code: -32000,
    message: "This origin may not call the gateway.",
    remedy: "If the page is yours, {how}.",
  },
  "header-twice": {
    status: 400,
    code: -32600,
    message: "The header {header} came twice, and may come once.",
    remedy: "Send it once.",
  },
  "headers-too-large": {
    status: 431,
    code: -32600,
    message: "The request line and the headers are over {limit} bytes.",
    remedy: "Send fewer or shorter headers (cookies of another program on this host?), or raise --max-headers.",
  },
  "content-encoding": {
    status: 415,
    code: -32000,
    message: "The body is encoded ({encoding}), which is not supported.",
    remedy: "Send it as it is, without Content-Encoding.",
  },
  "body-too-large": {
    status: 413,
    code: -32000,
    message: "The request body is over {limit} bytes.",
    remedy: "Raise --max-body, or send less at once.",
  },
  "body-incomplete": {
    status: 400,
    code: -32700,
    message: "The request body ended early.",
    remedy: "Send it again.",
  },
  "content-type": {
    status: 415,
    code: -32000,
    message: "Content-Type must be application/json.",
    remedy: "Send the message as JSON.",
  },
  "form-expected": {
    status: 415,
    code: -32000,
    message: "Content-Type must be application/x-www-form-urlencoded.",
    remedy: "Send the fields as a form does.",
  },
  "not-acceptable": {
    status: 406,
    code: -32000,
    message: "The Accept header does not allow {types}.",
    remedy: "Send Accept: application/json, text/event-stream.",
  },
  "not-in-group": {
    status: 200,
    code: -32602,
    message: "Unknown {kind}: {name}.",
    remedy: "Names begin with that of their service and an underscore; the services are: {members}.",
  },
  "found-by-search": {
    status: 200,
    code: -32602,
    message: "Unknown tool: {tool}.",
    remedy: "Find tools with find_tools, and call them with call_tool.",
  },
  "tools-not-listed": {
    status: 200,
    code: -32603,
    message: "The MCP server did not list its tools: {reason}.",
    remedy: "Try again; if it never lists them, see its log.",
  },
  "no-such-resource": {
    status: 200,
    code: -32002,
    message: "Resource not found: {uri}.",
    remedy: "See resources/list: no service of the group has listed it, or has a template that it fits.",
  },
  "method-not-found": {
    status: 404,
    code: -32601,
    message: "There is no method {method} in this protocol revision.",
    remedy: "See server/discover or the specification of the revision for what there is.",
  },
  "tool-not-offered": {
    status: 200,
    code: -32602,
    message: "Unknown tool: {tool}.",
    remedy: "See tools/list for what there is.",
  },
  "insufficient-scope": {
    status: 403,
    code: -32000,
    message: "Your login does not cover {tool}.",
    remedy: "Log in again with the scope {scope}.",
  },
  "method-not-allowed": {
    status: 405,
    code: -32000,
    message: "{method} is not allowed here.",
    remedy: "Use one of: {allow}.",
  },
  "get-stream": {
    status: 405,
    code: -32000,
    message: "{method} is not allowed here.",
    remedy:
      "Open the stream of HTTP with SSE with GET /sse: its first event says where to post. Streamable HTTP is at /mcp.",
  },
  "post-messages": {
    status: 405,
    code: -32000,
    message: "{method} is not allowed here.",
    remedy: "Post messages here, to the URL that the first event of GET /sse names. Streamable HTTP is at /mcp.",
  },
  "upgrade-required": {
    status: 426,
    code: -32000,
    message: "{method} without an upgrade: only a WebSocket is spoken here.",
    remedy: "Connect with ws:// or wss:// and the subprotocol mcp. Streamable HTTP is at /mcp, HTTP with SSE at /sse.",
  },
  "websocket-elsewhere": {
    status: 400,
    code: -32000,
    message: "There is no WebSocket at {path}.",
    remedy: "Connect to /ws.",
  },
  "websocket-handshake": {
    status: 400,
    code: -32000,
    message: "The WebSocket handshake is not valid: {detail}.",
    remedy:
      "Offer the subprotocol mcp (or none); where no Authorization header can be sent, offer bearer.<token> beside it.",
  },
  "no-such-service": {
    status: 404,
    code: -32000,
    message: "The hub has nothing at {path}.",
    remedy: "Each service is at /<name>/mcp: {services}.",
  },
  "not-found": {
    status: 404,
    code: -32000,
    message: "There is nothing at {path}.",
    remedy: "MCP is at {base}/mcp, health at {base}/health, readiness at {base}/ready.",
  },
  internal: {
    status: 500,
    code: -32603,
    message: "The gateway failed with an internal error.",
    remedy: "The gateway's log has the details. Please report them.",
  },
} as const satisfies Record<string, Refusal>;

/** The name of an error. */
export type ErrorName = keyof typeof catalogue;

/** What fills the placeholders of an error's texts. */
export type Details = Readonly<Record<string, string | number | undefined>>;

/** An error of the catalogue. Its message is safe to show the caller; `cause` is for the log alone. */
export class GatewayError extends Error {
  override readonly name: ErrorName;
  readonly details: Details;
  /** Seconds until it makes sense to try again (Retry-After). */
  readonly retryAfter: number | undefined;

  /** Further details for the client's program, besides the name. */
  readonly data: object | undefined;
  /** The id of the request that it answers, as written, where only the thrower knows that. */
  readonly answers: string | undefined;
  /** What the operator reads instead, as it names what callers need not know: an upstream's URL. */
  readonly operator: string | undefined;

  constructor(name: ErrorName, details: Details = {}, options: ErrorOptions = {}) {
    super(`${fill(catalogue[name].message, details)} ${fill(catalogue[name].remedy, details)}`, {
      cause: options.cause,
    });
    this.name = name;
    this.details = details;
    this.data = options.data;
    this.answers = options.answers;
    this.operator = options.operator;
    this.retryAfter = options.retryAfter ?? (catalogue[name].status === 503 ? 5 : undefined);
  }

  get status(): number {
    return catalogue[this.name].status;
  }

  get code(): number {
    return catalogue[this.name].code;
  }

  /**
   * The code for modern clients: that era retired -32000 to -32019 (MCP 2026-07-28, Overview, "Error Codes"), and a resource that
   * is not found is a wrong parameter.
   */
  get modernCode(): number {
    if (this.code === RESOURCE_NOT_FOUND) return INVALID_PARAMS;
    return this.code <= -32000 && this.code > -32020 ? INTERNAL_ERROR : this.code;
  }
}

interface ErrorOptions {
  readonly cause?: unknown;
  readonly retryAfter?: number;
  readonly data?: object;
  readonly answers?: string | undefined;
  readonly operator?: string | undefined;
}

/** JSON-RPC 2.0, section 5.1. `data.error` has the error's name. */
const INTERNAL_ERROR = -32603;
const INVALID_PARAMS = -32602;
/** MCP 2025-11-25, Resources, "Error Handling". */
const RESOURCE_NOT_FOUND = -32002;

/** Turns anything thrown into an error of the catalogue. The unforeseen becomes `internal`, with the original as its cause. */
export function toGatewayError(thrown: unknown): GatewayError {
  return thrown instanceof GatewayError ? thrown : new GatewayError("internal", {}, { cause: thrown });
}

/** What a detail quotes is somebody else's, except for the name of the service. */
const fill = (text: string, details: Details) =>
  text.replace(/\{(\w+)\}/g, (_, key: string) => {
    const detail = details[key] ?? "";
    return typeof detail === "number" || key === "service" ? String(detail) : told(detail, { limit: LONGEST_DETAIL });
  });

/** How many characters of a detail are told. */
const LONGEST_DETAIL = 2_000;
