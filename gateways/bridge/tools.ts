/** What the gateway knows about a server's tools: what they are called, and which parameters clients repeat in headers. */
import { decode, find } from "../jsonrpc.ts";
import { toolDigest } from "../tool-digest.ts";
import type { Connection } from "./connection.ts";

/** A parameter that modern clients repeat in a header, for intermediaries that route by it (MCP 2026-07-28, "x-mcp-header"). */
export interface HeaderParameter {
  /** In lower case: `mcp-param-region`. */
  readonly header: string;
  /** The parameter's place in the call's arguments: `["filter", "region"]`. */
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

/** A tool that a server has listed. */
export interface Listed {
  readonly name: string;
  /** `toolDigest` of it. */
  readonly digest: string | undefined;
}

/** The tools of one server, as far as the gateway needs to know them. */
export class Tools {
  #count: number | undefined;
  #listed: readonly Listed[] = [];
  /** Who waits for the list. */
  readonly #waiting: ((listed: readonly Listed[]) => void)[] = [];
  readonly #headers = new Map<string, readonly HeaderParameter[]>();
  readonly #params: object | undefined;

  /** @param params what every request for the list carries; undefined = the server says that it has no tools */
  constructor(params?: object) {
    this.#params = params;
    if (params === undefined) this.#count = 0;
  }

  /** How many tools the server has; undefined before it has listed them. */
  get count(): number | undefined {
    return this.#count;
  }

  /** What they are called; undefined before the server has listed them. */
  get names(): readonly string[] | undefined {
    return this.#count === undefined ? undefined : this.#listed.map(({ name }) => name);
  }

  /** Calls back with the tools when the server has listed them, which may be at once. */
  whenListed(callback: (listed: readonly Listed[]) => void): void {
    if (this.#count === undefined) this.#waiting.push(callback);
    else callback(this.#listed);
  }

  /** The parameters of a tool that clients repeat in headers: none for nearly all tools. */
  headersOf(tool: string): readonly HeaderParameter[] {
    return this.#headers.get(tool) ?? [];
  }

  /** Reads a page of a list of tools. A later list overrides an earlier one. */
  learn(page: readonly unknown[]): void {
    for (const tool of page) {
      const { name, inputSchema } = (tool ?? {}) as Tool;
      const headers = headerParameters(inputSchema, []);
      if (typeof name === "string" && (headers.length > 0 || this.#headers.has(name))) this.#headers.set(name, headers);
    }
  }

  /** Whether any tool has a parameter that clients repeat in a header. */
  get marked(): boolean {
    return this.#headers.size > 0;
  }

  /** Reads an answer to `tools/list`, unless there is nothing in it to learn. */
  learnFrom(answer: string): void {
    if (!this.marked && !answer.includes('"x-mcp-header"')) return;
    const tools = find(answer, 0, "result", "tools");
    const page = tools && decode(answer, tools);
    if (Array.isArray(page)) this.learn(page);
  }

  /** Lists a server's tools, over all pages, unless that is done. @throws when the server does not list them */
  async list(connection: Connection): Promise<void> {
    if (this.#count !== undefined) return;
    const all: Listed[] = [];
    let count = 0;
    let cursor = {};
    for (let page = 0; page < MAX_PAGES; page++) {
      const listed = (await connection.ask("tools/list", { ...this.#params, ...cursor })) as ToolList | null;
      const tools: readonly unknown[] = Array.isArray(listed?.tools) ? listed.tools : [];
      count += tools.length;
      for (const tool of tools) all.push(...listedOf(tool));
      this.learn(tools);
      if (!listed?.nextCursor) break;
      cursor = { cursor: listed.nextCursor };
    }
    this.#count = count;
    this.#listed = all;
    for (const callback of this.#waiting.splice(0)) callback(all);
  }
}

function listedOf(tool: unknown): Listed[] {
  const { name } = (tool ?? {}) as Tool;
  return typeof name === "string" ? [{ name, digest: toolDigest(tool) }] : [];
}

interface ToolList {
  readonly tools?: unknown;
  readonly nextCursor?: string | null;
}

/** Pages of tools that are read; a server that lists more counts as having this many pages. */
const MAX_PAGES = 100;

/** How deep a schema is searched for marked parameters. */
const MAX_DEPTH = 10;

/** The marked parameters of a schema that are reached through `properties` alone. */
function headerParameters(schema: Schema | undefined, path: readonly string[]): HeaderParameter[] {
  if (typeof schema !== "object" || schema === null || path.length > MAX_DEPTH) return [];
  const name = schema["x-mcp-header"];
  const own = typeof name === "string" && path.length > 0 ? [{ header: `mcp-param-${name.toLowerCase()}`, path }] : [];
  const inner = typeof schema.properties === "object" ? Object.entries(schema.properties ?? {}) : [];
  return [...own, ...inner.flatMap(([key, property]) => headerParameters(property as Schema, [...path, key]))];
}
