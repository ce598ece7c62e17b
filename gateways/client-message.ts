/**
 * Reads what clients send, and refuses what another parser could read as another message. The specification leaves `params`
 * and `_meta` open, so names that mean nothing pass there, unless they could be taken for one that does.
 */
import { isSafe, Names, quoted } from "./json/names.ts";
import { OPEN_BRACE, stringAt } from "./json/scan.ts";
import { ENVELOPE, readEnvelope, type Message } from "./jsonrpc.ts";

/** What clients send in the `params` of any method and revision. */
const PARAMS = new Names(
  "_meta progressToken progress total message requestId reason",
  "protocolVersion capabilities clientInfo level cursor",
  "uri name arguments ref argument context",
  "task taskId status statusMessage createdAt lastUpdatedAt ttl pollInterval",
  "notifications inputResponses requestState elicitationId roots result error",
);

const INFO = new Names("name title version websiteUrl description icons");
const CAPABILITIES = new Names("experimental roots sampling elicitation tasks extensions");
const PREFIX = "io.modelcontextprotocol/";

const META = new Names(
  "progressToken traceparent tracestate baggage",
  ...["protocolVersion", "clientCapabilities", "clientInfo", "logLevel", "subscriptionId", "serverInfo"].map(
    (name) => PREFIX + name,
  ),
  ...["related-task", "model-immediate-response"].map((name) => PREFIX + name),
);

/** Objects inside, whose members the gateway or a log reads. */
const INSIDE: Readonly<Record<string, Names>> = {
  _meta: META,
  clientInfo: INFO,
  [`${PREFIX}clientInfo`]: INFO,
  capabilities: CAPABILITIES,
  [`${PREFIX}clientCapabilities`]: CAPABILITIES,
  notifications: new Names("toolsListChanged promptsListChanged resourcesListChanged resourceSubscriptions"),
  task: new Names("ttl taskId"),
};

/** Texts by which the gateway decides, who may call what, for example, and which subscription ends. */
const DECISIVE: ReadonlySet<string> = new Set(["name", "uri", "level", "protocolVersion", "taskId"]);

/** Methods that the gateway treats in their own way, so none may pass for another. */
const METHODS = new Names(
  "initialize ping logging/setLevel completion/complete server/discover subscriptions/listen",
  "tools/list tools/call prompts/list prompts/get roots/list sampling/createMessage",
  "resources/list resources/read resources/subscribe resources/unsubscribe resources/templates/list",
  "tasks/get tasks/list tasks/cancel tasks/result tasks/update elicitation/create",
  ...["initialized", "cancelled", "progress", "roots/list_changed", "tasks/status"].map(
    (name) => `notifications/${name}`,
  ),
);

/** Reads a message of a client's, which is known to be JSON. @returns what is wrong with it, in words, when it is none */
export function readClientMessage(text: string): Message | string {
  const message = readEnvelope(text);
  if (typeof message !== "object") return message;
  const { dropped } = message;
  if (dropped !== undefined && !ENVELOPE.has(dropped)) return `the envelope has no member ${quoted(dropped)}`;
  return ambiguityIn(message) ?? message;
}

/** What is ambiguous about a message; undefined when every parser reads the same. */
function ambiguityIn({ method, text, params }: Message): string | undefined {
  if (method !== "" && !METHODS.has(method)) {
    if (!isSafe(method)) return '"method" has a control character or half a character';
    if (METHODS.confusion(method) !== undefined) return `"method" is nearly that of another request`;
  }
  return params < 0 ? undefined : inObject(text, params, PARAMS);
}

function inObject(text: string, at: number, names: Names): string | undefined {
  if (text.charCodeAt(at) !== OPEN_BRACE) return undefined;
  return names.flawIn(text, at, (key, start, end) => {
    const inside = INSIDE[key];
    if (inside !== undefined) return inObject(text, start, inside);
    const isUnsafe = DECISIVE.has(key) && !isSafe(stringAt(text, start, end));
    return isUnsafe ? `"${key}" has a control character or half a character` : undefined;
  });
}
