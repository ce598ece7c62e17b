/** What the gateway knows of a server's tools: how many there are, and which parameters are to be repeated in headers. */
import type { Connection } from "./connection.ts";

/** A parameter that modern clients repeat in a header, for those who route by it (MCP 2026-07-28, "x-mcp-header"). */
export interface HeaderParameter {
  /** In lower case: `mcp-param-region`. */
  readonly header: string;
  /** Where the parameter stands in the call's arguments. */
  readonly path: readonly string[];
}

interface Schema {
  readonly "x-mcp-header"?: unknown;
  readonly properties?: Readonly<Record<string, unknown>>;
}

interface Tool {
  readonly name?: unknown;
  readonly inputSchema?: Schema;
}

/** The tools of one server, as far as they matter to the gateway. */
export class Tools {
  #count = 0;
  readonly #headers = new Map<string, readonly HeaderParameter[]>();

  get count(): number {
    return this.#count;
  }

  /** The parameters of a tool that are to be repeated in headers; of nearly all tools none. */
  headersOf(tool: string): readonly HeaderParameter[] {
    return this.#headers.get(tool) ?? [];
  }

  /** Takes in a page of a list of tools. What a later list says of a tool holds. */
  learn(page: readonly unknown[]): void {
    for (const tool of page) {
      const { name, inputSchema } = (tool ?? {}) as Tool;
      const headers = headerParameters(inputSchema, []);
      if (typeof name === "string" && (headers.length > 0 || this.#headers.has(name))) this.#headers.set(name, headers);
    }
  }

  /** Whether any tool has a parameter that is to be repeated in a header. */
  get marked(): boolean {
    return this.#headers.size > 0;
  }

  /** Whether a list may hold something to be learned. @param list as it stands in an answer */
  concerns(list: string): boolean {
    return this.marked || list.includes('"x-mcp-header"');
  }

  /** Takes in the first list of a server's tools, over all its pages. @param params what every request carries */
  async list(connection: Connection, params: object): Promise<this> {
    let cursor = {};
    for (let page = 0; page < MAX_PAGES; page++) {
      const listed = (await connection.ask("tools/list", { ...params, ...cursor })) as ToolList | null;
      const tools: readonly unknown[] = Array.isArray(listed?.tools) ? listed.tools : [];
      this.#count += tools.length;
      this.learn(tools);
      if (!listed?.nextCursor) break;
      cursor = { cursor: listed.nextCursor };
    }
    return this;
  }
}

interface ToolList {
  readonly tools?: unknown;
  readonly nextCursor?: string | null;
}

/** A server that lists more pages of tools than this is taken at its word: many. */
const MAX_PAGES = 100;

/** Schemas deeper than this mark no parameter that anybody would route by. */
const MAX_DEPTH = 10;

/** The marked properties that a chain of `properties` alone leads to. */
function headerParameters(schema: Schema | undefined, path: readonly string[]): HeaderParameter[] {
  if (typeof schema !== "object" || schema === null || path.length > MAX_DEPTH) return [];
  const name = schema["x-mcp-header"];
  const own = typeof name === "string" && path.length > 0 ? [{ header: `mcp-param-${name.toLowerCase()}`, path }] : [];
  const inner = typeof schema.properties === "object" ? Object.entries(schema.properties ?? {}) : [];
  return [...own, ...inner.flatMap(([key, property]) => headerParameters(property as Schema, [...path, key]))];
}
