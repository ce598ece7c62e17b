/** What a modern request repeats of itself in headers (MCP 2026-07-28, Streamable HTTP, "Request Metadata"). */
import { decode, find, metaOf, stringIn, type Message } from "../jsonrpc.ts";
import { Tools, type HeaderParameter } from "./tools.ts";
import { META } from "./versions.ts";

/** Where the name stands that a method's Mcp-Name header repeats. */
export const NAMED: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
};

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
    const version = versionOf(message);
    if (version === undefined) return {};
    const { text, params, method } = message;
    const named = Object.hasOwn(NAMED, method) ? stringIn(text, params, NAMED[method] as string) : undefined;
    return {
      "mcp-protocol-version": version,
      "mcp-method": method,
      ...(named !== undefined && { "mcp-name": headerValue(named) }),
      ...(method === "tools/call" && named !== undefined && this.#parameters(message, named)),
    };
  }

  /** Reads the answer to a request, which may list tools. */
  learn({ method }: Message, answer: string): void {
    if (method !== "tools/list" || !this.#tools.concerns(answer)) return;
    const tools = find(answer, 0, "result", "tools");
    const page = tools && decode(answer, tools);
    if (Array.isArray(page)) this.#tools.learn(page);
  }

  #parameters(call: Message, tool: string): Record<string, string> {
    const parameters = this.#tools.headersOf(tool);
    return Object.fromEntries(parameters.flatMap((one) => parameterHeader(call, one)));
  }
}

function parameterHeader({ text, params }: Message, { header, path }: HeaderParameter): [string, string][] {
  const span = find(text, params, "arguments", ...path);
  const value = span && decode(text, span);
  return value === undefined || value === null || typeof value === "object" ? [] : [[header, headerValue(`${value}`)]];
}

/** What may stand in a header as it is: ASCII without white space around it, that does not look encoded. */
const PLAIN = /^(?!=\?base64\?)[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;

/** A value as it stands in a header (MCP 2026-07-28, Streamable HTTP, "Value Encoding"). */
export const headerValue = (value: string): string =>
  PLAIN.test(value) ? value : `=?base64?${Buffer.from(value, "utf8").toString("base64")}?=`;
