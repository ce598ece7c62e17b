/**
 * Reads what clients send, and refuses what another parser could read as another message. The specification leaves `params`
 * and `_meta` open, so names that mean nothing pass there, unless they could be taken for one that does.
 */
import { detached } from "./detached.ts";
import { GatewayError } from "./errors.ts";
import { isSafe, Names, quoted } from "./json/names.ts";
import { OPEN_BRACE, QUOTE, stringAt } from "./json/scan.ts";
import { ENVELOPE, readEnvelope, type Message } from "./jsonrpc.ts";

/** What is done with a value: an object's keys are looked at too, a text by which the gateway decides has to be one, and safe. */
type Meaning = Names<Meaning> | "decides" | "id" | "token";

/** Looks at a value. @returns what is wrong with it */
type Visit = (meaning: Meaning, start: number, end: number, key: string) => string | undefined;

const names = (list: string, meanings: Readonly<Record<string, Meaning>> = {}) => new Names<Meaning>(list, meanings);

const INFO = names("name title version websiteUrl description icons");
const CAPABILITIES = names("experimental roots sampling elicitation tasks extensions");
const PREFIX = "io.modelcontextprotocol/";

const META = names(`traceparent tracestate baggage ${PREFIX}related-task ${PREFIX}model-immediate-response`, {
  progressToken: "token",
  [`${PREFIX}protocolVersion`]: "decides",
  [`${PREFIX}clientCapabilities`]: CAPABILITIES,
  [`${PREFIX}clientInfo`]: INFO,
  [`${PREFIX}logLevel`]: "decides",
  [`${PREFIX}subscriptionId`]: "id",
  [`${PREFIX}serverInfo`]: INFO,
});

/** What clients send in the `params` of any method and revision. */
const PARAMS = names(
  "progressToken progress total message requestId reason cursor arguments ref argument context status statusMessage " +
    "createdAt lastUpdatedAt ttl pollInterval inputResponses requestState elicitationId roots result error",
  {
    _meta: META,
    name: "decides",
    uri: "decides",
    level: "decides",
    protocolVersion: "decides",
    taskId: "decides",
    capabilities: CAPABILITIES,
    clientInfo: INFO,
    notifications: names("toolsListChanged promptsListChanged resourcesListChanged resourceSubscriptions"),
    task: names("ttl taskId"),
  },
);

/** Methods that the gateway treats in their own way, so none may pass for another. */
const METHODS = new Names(
  "initialize ping logging/setLevel completion/complete server/discover subscriptions/listen tools/list tools/call " +
    "prompts/list prompts/get resources/list resources/read resources/subscribe resources/unsubscribe " +
    "resources/templates/list roots/list sampling/createMessage elicitation/create " +
    "tasks/get tasks/list tasks/cancel tasks/result tasks/update " +
    "notifications/initialized notifications/cancelled notifications/progress notifications/roots/list_changed " +
    "notifications/tasks/status",
);

/**
 * Reads a message of a client's, which is known to be JSON.
 * @throws GatewayError `invalid-request`, or `invalid-params` when a value has the wrong type; with the id if there can be no
 *   doubt about it
 */
export function readClientMessage(text: string): Message {
  const message = readEnvelope(text);
  if (typeof message === "string") throw new GatewayError("invalid-request", { detail: message });
  const { dropped, method, id } = message;
  if (dropped !== undefined && !ENVELOPE.has(dropped))
    throw new GatewayError("invalid-request", { detail: `the envelope has no member ${quoted(dropped)}` });
  const flaw = (method !== "" && !METHODS.has(method) ? flawOfMethod(method) : undefined) ?? flawOfParams(message);
  if (flaw === undefined) return message;
  const name = flaw.endsWith(WRONG_TYPE) ? "invalid-params" : "invalid-request";
  throw new GatewayError(name, { detail: flaw }, { answers: id && detached(id) });
}

const WRONG_TYPE = "must be a string";

function flawOfMethod(method: string): string | undefined {
  if (!isSafe(method)) return '"method" has a control character or half a character';
  return METHODS.confusion(method) === undefined ? undefined : '"method" is nearly that of another request';
}

/** How long the metadata is at most that is remembered. */
const SHORT = 1_024;
/** The last metadata without a flaw: modern clients send the same with every request. */
let flawless = "";

const isFlawless = (text: string, start: number, end: number) =>
  end - start === flawless.length && text.startsWith(flawless, start);

function remember(text: string, start: number, end: number): void {
  if (end - start <= SHORT) flawless = detached(text.slice(start, end));
}

/** Looks at all keys that mean something, and notes where the progress token is on the way. */
function flawOfParams(message: Message): string | undefined {
  const { text, params, method } = message;
  message.meta = null;
  message.token = null;
  if (params < 0 || text.startsWith("null", params)) return undefined;
  if (text.charCodeAt(params) !== OPEN_BRACE) return '"params" must be an object';
  const isKnown = METHODS.has(method);
  const visit: Visit = (meaning, start, end, key) => {
    if (meaning === "token") message.token = { start, end };
    else if (typeof meaning !== "string") {
      if (meaning !== META) return meaning.flawIn(text, start, visit);
      message.meta = { start, end };
      if (isFlawless(text, start, end)) return undefined;
      const flaw = META.flawIn(text, start, visit);
      // Less is asked of a method that is not known, and with a token it is another text each time.
      if (flaw === undefined && isKnown && message.token === null) remember(text, start, end);
      return flaw;
    } else if (meaning === "decides" && isKnown && !isText(text, start)) return `"${key}" ${WRONG_TYPE}`;
    else if (!isSafe(stringAt(text, start, end))) return `"${key}" has a control character or half a character`;
    return undefined;
  };
  return PARAMS.flawIn(text, params, visit);
}

/** Some servers make a text of a list of one. Null says that there is none. */
const isText = (text: string, at: number) => text.charCodeAt(at) === QUOTE || text.startsWith("null", at);
