/** The tools of a server, as it lists them page by page. */

/** A tool, as its server lists it: nothing but its name is sure to be as it should. */
export interface Tool {
  readonly name: string;
  readonly title?: unknown;
  readonly description?: unknown;
  readonly inputSchema?: unknown;
  readonly outputSchema?: unknown;
  readonly annotations?: unknown;
}

/** @param list asks for a page with these parameters @param pages how many are read at most: a server may never end its list */
export async function allTools(
  list: (params: object) => Promise<Readonly<Record<string, unknown>>>,
  pages: number,
): Promise<Tool[]> {
  const tools: Tool[] = [];
  let cursor: unknown;
  for (let page = 0; page < pages; page++) {
    const listed = await list(cursor === undefined ? {} : { cursor });
    if (Array.isArray(listed["tools"])) tools.push(...listed["tools"].filter(isNamed));
    cursor = listed["nextCursor"];
    if (typeof cursor !== "string") break;
  }
  return tools;
}

const isNamed = (tool: unknown): tool is Tool => typeof (tool as Partial<Tool> | null)?.name === "string";
