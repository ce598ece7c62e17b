/** What a modern request repeats of itself in headers (MCP 2026-07-28, Streamable HTTP, "Request Metadata"). */
import { decode, find, metaOf, stringIn, type Message } from "../jsonrpc.ts";
import { Tools, type HeaderParameter } from "./tools.ts";
import { LATEST_MODERN, META } from "./versions.ts";

/** Where the name stands that a method's Mcp-Name header repeats. */
export const NAMED: ReadonlyMap<string, string> = new Map([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
]);

/** Whether a message says that it is of the modern era. */
export function saysModern(message: Message): boolean {
  return versionOf(message) !== undefined;
}

function versionOf(message: Message): string | undefined {
  const meta = metaOf(message);
  return meta && stringIn(message.text, meta.start, META.version);
}

/** Writes the headers of modern messages, as their sender has to. */
export class ModernHeaders {
  /** The tools that the server has listed: some have parameters that are repeated in headers. */
  readonly #tools = new Tools({});

  /** The headers of a message; none for one of the legacy era, which has those of its session. */
  of(message: Message): Readonly<Record<string, string>> {
    return saysModern(message) ? metadataHeaders(message, (tool) => this.#tools.headersOf(tool)) : {};
  }

  /** Reads the answer to a request, which may list tools. */
  learn({ method }: Message, answer: string): void {
    if (method === "tools/list") this.#tools.learnFrom(answer);
  }
}

/** A header's name: what else a tool asks for cannot be sent (RFC 9110, section 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** What can be sent as it is: ASCII without control characters, not surrounded by spaces, and not like what is encoded. */
const PLAIN = /^(?! )(?!=\?base64\?.*\?=$)[\x20-\x7e]+(?<! )$/;

/** @param parametersOf the parameters of a tool that are repeated in headers */
export function metadataHeaders(
  message: Message,
  parametersOf: (tool: string) => readonly HeaderParameter[],
): Record<string, string> {
  const { text, params, method } = message;
  const key = NAMED.get(method);
  const name = key === undefined ? undefined : stringIn(text, params, key);
  return {
    "mcp-protocol-version": versionOf(message) ?? LATEST_MODERN,
    "mcp-method": headerValue(method),
    ...(name !== undefined && { "mcp-name": headerValue(name) }),
    ...(method === "tools/call" && name !== undefined && parameterHeaders(message, parametersOf(name))),
  };
}

/** Only strings, numbers and booleans are repeated; one that is not there, or null, has no header. */
function parameterHeaders({ text, params }: Message, parameters: readonly HeaderParameter[]): Record<string, string> {
  const sent = parameters.flatMap(({ header, path }) => {
    const span = TOKEN.test(header) ? find(text, params, "arguments", ...path) : undefined;
    const value = span && decode(text, span);
    if (typeof value === "string") return [[header, headerValue(value)] as const];
    return typeof value === "number" || typeof value === "boolean" ? [[header, JSON.stringify(value)] as const] : [];
  });
  return Object.fromEntries(sent);
}

/** MCP 2026-07-28, Streamable HTTP, "Value Encoding". An empty value is sent as it is. */
export function headerValue(value: string): string {
  if (value === "" || PLAIN.test(value)) return value;
  return `=?base64?${Buffer.from(value, "utf8").toString("base64")}?=`;
}
