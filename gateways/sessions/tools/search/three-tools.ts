/** The three tools in place of all: what they are, what they take, and what they say. */
import {
  decode,
  encode,
  find,
  readMessage,
  stringIn,
  withoutMembers,
  written,
  type Message,
} from "../../../jsonrpc.ts";
import { eachMember } from "../../../json/scan.ts";
import { eachTool, type ListedTool, type ListPage } from "./listed-tools.ts";
import { Ranking } from "./ranking.ts";

export const FIND = "find_tools";
export const DESCRIBE = "describe_tool";
export const CALL = "call_tool";

/** How many tools are found unless the model says how many, and at most. */
const USUAL = 10;
const MOST_FOUND = 50;
/** Characters of a description that tell what a tool is for. */
const LONGEST_SENTENCE = 160;
/** The longest description of a tool that a model is given, in bytes of its JSON. */
const LONGEST_TOOL = 256 * 1024;
/** Characters of what was asked for that are repeated. */
const LONGEST_REPEATED = 100;

const text = { type: "string" };
const readOnly = { readOnlyHint: true };

/** What `tools/list` says. A model reads every byte of it. */
export const THREE_TOOLS = [
  {
    name: FIND,
    description: "Searches the tools of this server by words of their names and descriptions. The best come first.",
    inputSchema: {
      type: "object",
      properties: {
        query: { ...text, description: "what the tool should do, in a few words" },
        limit: { type: "integer", minimum: 1, maximum: MOST_FOUND, default: USUAL },
      },
      required: ["query"],
    },
    annotations: readOnly,
  },
  {
    name: DESCRIBE,
    description: `Describes a tool that ${FIND} has found, with its parameters.`,
    inputSchema: { type: "object", properties: { name: text }, required: ["name"] },
    annotations: readOnly,
  },
  {
    name: CALL,
    description: `Calls a tool that ${FIND} has found, with the arguments that ${DESCRIBE} shows.`,
    inputSchema: {
      type: "object",
      properties: { name: text, arguments: { type: "object" } },
      required: ["name", "arguments"],
    },
  },
] as const;

/** The result of a tool, as MCP has it. */
export interface ToolResult {
  readonly content: readonly { readonly type: "text"; readonly text: string }[];
  readonly structuredContent?: object;
  readonly isError?: true;
}

/** A mistake that the model can mend: it reads results, and seldom errors. */
export const mistake = (said: string): ToolResult => ({ content: [{ type: "text", text: said }], isError: true });

/** Answers a call of `find_tools`. */
export async function findTools(call: Message, listPage: ListPage): Promise<ToolResult> {
  const { query, limit } = argumentsOf(call);
  if (query !== undefined && typeof query !== "string") return mistake(`"query" must be a text.`);
  const ranking = new Ranking<FoundTool>(query ?? "");
  const all = await eachTool(listPage, (tool) => {
    ranking.add(tool, () => foundTool(tool));
    return true;
  });
  return foundIn(ranking.best(limitOf(limit)), { query: query ?? "", total: ranking.tools, all });
}

/** Answers a call of `describe_tool`. */
export async function describeTool(call: Message, listPage: ListPage): Promise<ToolResult> {
  const { name } = argumentsOf(call);
  if (typeof name !== "string") return mistake(`"name" must be the name of a tool, as ${FIND} tells it.`);
  let found: ListedTool | undefined;
  await eachTool(listPage, (tool) => {
    if (tool.name === name) found = tool;
    return found === undefined;
  });
  if (!found) return mistake(`There is no tool "${shown(name)}". See ${FIND} for what there is.`);
  const described = withoutMembers(found.text, 0, FOR_PEOPLE);
  if (described.length > LONGEST_TOOL)
    return mistake(
      `The description of "${shown(name)}" has ${described.length} bytes, expected ${LONGEST_TOOL} at most.`,
    );
  return { content: [{ type: "text", text: Buffer.from(described, "latin1").toString("utf8") }] };
}

/** What a model has no use for, and may be long. */
const FOR_PEOPLE: ReadonlySet<string> = new Set(["icons"]);

/**
 * The call that a call of `call_tool` stands for, with the same id. Whatever else its request says (progress token, input of
 * the client's) belongs to that call. The name and the arguments pass as they were written.
 * @returns what is wrong with it, in words, when it stands for none
 */
export function innerCall(call: Message): Message | string {
  const { text, params } = call;
  const name = innerNameIn(call);
  if (name === undefined) return `"name" must be the name of a tool, as ${FIND} tells it.`;
  const given = written(text, params, "arguments", "arguments") ?? "null";
  if (given !== "null" && !given.startsWith("{")) return `"arguments" must be an object, as ${DESCRIBE} shows it.`;
  const members = [`"name":${name}`, `"arguments":${given === "null" ? "{}" : given}`];
  eachMember(text, params, (key, _, end, keyStart) => {
    if (key !== "name" && key !== "arguments") members.push(text.slice(keyStart, end));
  });
  const request = `{"jsonrpc":"2.0","id":${call.id},"method":"tools/call","params":{${members.join(",")}}}`;
  return readMessage(request) as Message;
}

/** The name of the tool that a call of `call_tool` stands for, as it is written; undefined when it has none. */
export function innerNameIn({ text, params }: Message): string | undefined {
  const name = written(text, params, "arguments", "name");
  return name?.startsWith('"') ? name : undefined;
}

/** The tool that a request calls; undefined when it says none. */
export const calledIn = ({ text, params }: Message): string | undefined => stringIn(text, params, "name");

function argumentsOf({ text, params }: Message): Readonly<Record<string, unknown>> {
  const given = find(text, params, "arguments");
  return given && text[given.start] === "{" ? (decode(text, given) as Record<string, unknown>) : {};
}

/** Models write numbers as texts, too. */
function limitOf(written: unknown): number {
  const limit = Math.floor(Number(written ?? USUAL));
  return limit >= 1 ? Math.min(limit, MOST_FOUND) : USUAL;
}

/** What a model reads of a tool that has been found. */
interface FoundTool {
  readonly name: string;
  /** What it is for. */
  readonly description: string;
}

/** The pages that it was read from are not kept with it. */
const foundTool = ({ name, title, description }: ListedTool): FoundTool => ({
  name: copied(name),
  description: copied(firstSentence(description || title)),
});

/** A part of a text refers to the whole, which would stay in memory. */
const copied = (part: string) => JSON.parse(JSON.stringify(part)) as string;

interface Searched {
  readonly query: string;
  readonly total: number;
  /** Whether all tools have been looked at. */
  readonly all: boolean;
}

function foundIn(found: readonly FoundTool[], { query, total, all }: Searched): ToolResult {
  const lines = found.map(({ name, description }) => (description === "" ? name : `${name}: ${description}`));
  const none = `No tool fits "${shown(query)}". There are ${total}; try other words, or none to see the first.`;
  const more = all ? [] : [`Only the first ${total} tools were looked at.`];
  const said = [...(found.length === 0 ? [none] : lines), ...more].join("\n");
  return { content: [{ type: "text", text: said }], structuredContent: { tools: found, total } };
}

/** What a tool is for: the first sentence of its description. */
export function firstSentence(description: string): string {
  const [paragraph = ""] = description
    .slice(0, 10 * LONGEST_SENTENCE)
    .trim()
    .split(/\n\s*\n/);
  const line = paragraph.replace(/\s+/g, " ");
  const sentence = SENTENCE.exec(line)?.[0] ?? line;
  return sentence.length <= LONGEST_SENTENCE
    ? sentence
    : `${Array.from(sentence)
        .slice(0, LONGEST_SENTENCE - 1)
        .join("")}…`;
}

/** "e.g. this" does not end one. */
const SENTENCE = /^.*?[.!?。](?=\s+\P{Ll}|$)/u;

const shown = (asked: string) => asked.slice(0, LONGEST_REPEATED);

/** A result as an answer. */
export const answerWith = (id: string, result: object): string =>
  `{"jsonrpc":"2.0","id":${id},"result":${encode(result)}}`;
