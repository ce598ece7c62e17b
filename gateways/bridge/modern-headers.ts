/** The headers that repeat parts of a modern request (MCP 2026-07-28, Streamable HTTP, "Request Metadata"). Pure functions. */
import { decode, find, metaOf, stringIn, type Message } from "../jsonrpc.ts";
import type { HeaderParameter } from "./tools.ts";
import { LATEST_MODERN, META } from "./versions.ts";

/** Where the name stands that a method's Mcp-Name header repeats. */
export const NAMED: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
};

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
  const meta = metaOf(message);
  const version = meta && stringIn(text, meta.start, META.version);
  const key = NAMED[method];
  const name = key === undefined ? undefined : stringIn(text, params, key);
  return {
    "mcp-protocol-version": version ?? LATEST_MODERN,
    "mcp-method": encoded(method),
    ...(name !== undefined && { "mcp-name": encoded(name) }),
    ...(method === "tools/call" && name !== undefined && parameterHeaders(message, parametersOf(name))),
  };
}

/** Only strings, numbers and booleans are repeated; one that is not there, or null, has no header. */
function parameterHeaders({ text, params }: Message, parameters: readonly HeaderParameter[]): Record<string, string> {
  const sent = parameters.flatMap(({ header, path }) => {
    const span = TOKEN.test(header) ? find(text, params, "arguments", ...path) : undefined;
    const value = span && decode(text, span);
    if (typeof value === "string") return [[header, encoded(value)] as const];
    return typeof value === "number" || typeof value === "boolean" ? [[header, JSON.stringify(value)] as const] : [];
  });
  return Object.fromEntries(sent);
}

/** MCP 2026-07-28, Streamable HTTP, "Value Encoding". An empty value is sent as it is. */
function encoded(value: string): string {
  if (value === "" || PLAIN.test(value)) return value;
  return `=?base64?${Buffer.from(value, "utf8").toString("base64")}?=`;
}
