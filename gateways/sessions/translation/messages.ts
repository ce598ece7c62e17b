/**
 * Turns messages of one era into messages of the other. Members are added to or removed from the envelope and its metadata;
 * the content passes unchanged.
 */
import {
  encode,
  find,
  member,
  metaOf,
  readMessage,
  replace,
  withMembers,
  withoutMembers,
  written,
  type Message,
} from "../../jsonrpc.ts";
import { LATEST_MODERN, META } from "../../bridge/versions.ts";

/** What a legacy client said at initialize, as it stands in its text, and the log level that it has set. */
export interface ClientFacts {
  readonly capabilities: string;
  readonly clientInfo: string | undefined;
  readonly logLevel: string | undefined;
}

/** A legacy client's request for a modern server. */
export function modernRequest(message: Message, { capabilities, clientInfo, logLevel }: ClientFacts): Message {
  const facts = [member(META.version, encode(LATEST_MODERN)), member(META.capabilities, capabilities)];
  if (clientInfo !== undefined) facts.push(member(META.client, clientInfo));
  if (logLevel !== undefined) facts.push(member(META.logLevel, logLevel));
  const { text, params } = message;
  const meta = find(text, params, "_meta");
  if (meta) return readMessage(withMembers(withoutMembers(text, meta.start, MARKS), meta.start, ...facts)) as Message;
  const added = member("_meta", `{${facts.join(",")}}`);
  const whole = params < 0 ? withMembers(text, 0, member("params", `{${added}}`)) : withMembers(text, params, added);
  return readMessage(whole) as Message;
}

/** Methods whose results carry caching hints (MCP 2026-07-28, Caching). */
const CACHEABLE = /^(tools|prompts|resources|resources\/templates)\/list$|^resources\/read$/;

/** What results need to have: a key, and its member as it is added. */
const PLAIN = [["resultType", member("resultType", '"complete"')]] as const;
const CACHED = [...PLAIN, ["ttlMs", member("ttlMs", "0")], ["cacheScope", member("cacheScope", '"private"')]] as const;

/**
 * A legacy server's answer for a modern client. It may not be cached, because the server has not said that it may.
 * @param server who the server says it is, as JSON
 */
export function modernAnswer(text: string, method: string, server: string | undefined): string {
  const result = find(text, 0, "result");
  if (!result) return modernError(text);
  const wanted = CACHEABLE.test(method) ? CACHED : PLAIN;
  const members = wanted.flatMap(([key, written]) => (find(text, result.start, key) ? [] : [written]));
  const meta = find(text, result.start, "_meta");
  if (server === undefined || (meta && find(text, meta.start, META.server)))
    return withMembers(text, result.start, ...members);
  if (!meta) return withMembers(text, result.start, ...members, member("_meta", `{${member(META.server, server)}}`));
  const named = withMembers(text, meta.start, member(META.server, server)); // behind where the result starts
  return withMembers(named, result.start, ...members);
}

/** The metadata that marks a request as a modern one, which would confuse a server that knows both eras. */
const MARKS: ReadonlySet<string> = new Set([META.version, META.capabilities, META.client, META.logLevel]);

/** A modern client's request for a legacy server. */
export function legacyRequest(message: Message): Message {
  const meta = metaOf(message);
  if (!meta) return message;
  const text = withoutMembers(message.text, meta.start, MARKS);
  const shorter = message.text.length - text.length;
  const rest = { start: meta.start, end: meta.end - shorter };
  return {
    ...message,
    text,
    end: message.end - shorter,
    meta: rest,
    token: find(text, meta.start, "progressToken") ?? null,
  };
}

/** Codes that a legacy server may use in its own way, and that mean something else in the modern era (MCP 2026-07-28, Overview, "Error Codes"). */
const RETIRED = /^-320\d\d$/;

function modernError(text: string): string {
  const code = find(text, 0, "error", "code");
  const written = code && text.slice(code.start, code.end);
  if (written === "-32002") return replace(text, code!, "-32602"); // resource not found
  return written !== undefined && RETIRED.test(written) ? replace(text, code!, "-32603") : text;
}

const SUBSCRIPTION: ReadonlySet<string> = new Set([META.subscription]);

/** A legacy server's change notification for a modern client that has subscribed with the request `id`. */
export function notificationFor(id: string, { text, params }: Message): string {
  const mark = member(META.subscription, id);
  const meta = find(text, params, "_meta");
  if (meta) return withMembers(withoutMembers(text, meta.start, SUBSCRIPTION), meta.start, mark);
  const added = member("_meta", `{${mark}}`);
  return params < 0 ? withMembers(text, 0, member("params", `{${added}}`)) : withMembers(text, params, added);
}

/** A modern server's change notification for a legacy client. */
export function legacyNotification({ method, text, params }: Message): Message {
  const uri = written(text, params, "uri");
  const about = uri === undefined ? "" : `,"params":{"uri":${uri}}`;
  return readMessage(`{"jsonrpc":"2.0","method":${encode(method)}${about}}`) as Message;
}
