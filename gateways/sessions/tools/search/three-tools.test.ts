/** What the three tools take and say, with hostile lists behind them. */
import { describe, expect, test } from "vitest";
import { bytes, requestOf } from "../../../fixtures/modern-caller.ts";
import { decode, readMessage, type Message } from "../../../jsonrpc.ts";
import { MOST_TOOLS } from "./listed-tools.ts";
import { describeTool, findTools, firstSentence, innerCall, THREE_TOOLS } from "./three-tools.ts";

const call = (args: unknown, more = {}) => requestOf("tools/call", { name: "any", arguments: args, ...more });

/** The pages of a list. @param pages the result of each, as JSON; the last one comes again and again */
function listOf(...pages: readonly string[]) {
  let asked = 0;
  const page = () => {
    const result = pages[Math.min(asked++, pages.length - 1)];
    return Promise.resolve(readMessage(`{"jsonrpc":"2.0","id":1,"result":${result}}`) as Message);
  };
  return { page, asked: () => asked };
}

const pageOf = (...tools: readonly object[]) => bytes({ tools });

test("the three tools cost a model a kilobyte", () => {
  expect(JSON.stringify(THREE_TOOLS).length).toBeLessThanOrEqual(1_024);
});

const find = (args: unknown, ...pages: readonly string[]) => findTools(call(args), listOf(...pages).page);

describe("find_tools", () => {
  const some = pageOf({ name: "read_file", description: "Reads größe. And more." }, { name: "bare" });

  test("says names and first sentences, as text and as data", async () => {
    expect(await find({ query: "file" }, some)).toEqual({
      content: [{ type: "text", text: "read_file: Reads größe." }],
      structuredContent: { tools: [{ name: "read_file", description: "Reads größe." }], total: 2 },
    });
    expect((await find({}, some)).content[0]!.text).toBe("read_file: Reads größe.\nbare");
  });

  test("finds what is on a later page", async () => {
    const first = bytes({ tools: [{ name: "a" }], nextCursor: "x" });
    expect((await find({ query: "b" }, first, pageOf({ name: "b" }))).structuredContent).toMatchObject({ total: 2 });
  });

  test.each([
    [undefined, 10],
    [3, 3],
    ["4", 4],
    [1_000, 50],
    [0, 10],
    [-1, 10],
    [2.9, 2],
    ["many", 10],
    [{}, 10],
    [null, 10],
  ])("with limit %j finds %i at most", async (limit, most) => {
    const page = pageOf(...Array.from({ length: 100 }, (_, index) => ({ name: `tool_${index}` })));
    const { structuredContent } = await find({ query: "tool", limit }, page);
    expect((structuredContent as { tools: object[] }).tools).toHaveLength(most);
  });

  test("tells a model what to do when nothing fits, or its query is no text", async () => {
    expect((await find({ query: "zebra" }, some)).content[0]!.text).toMatch(/No tool fits "zebra". There are 2/);
    for (const query of [7, {}, ["read"], true]) expect(await find({ query }, some)).toHaveProperty("isError", true);
    for (const args of [undefined, null, "read", ["read"]])
      expect(await find(args, some)).not.toHaveProperty("isError");
  });

  test.each([
    ['{"tools":[null,1,"x",[],{},{"name":7},{"name":""},{"name":{"a":1}},{"name":"ok"}]}', ["ok"]],
    ['{"tools":[{"name":"ok","description":{"a":1},"title":[]},{"name":"\\ud800"}]}', ["ok", "\ud800"]],
    [`{"tools":[{"name":"${"x".repeat(300)}"},{"name":"ok"}]}`, ["ok"]],
    ['{"tools":[{"name":"__proto__"},{"name":"ok","name":"later"}]}', ["__proto__", "later"]],
    ['{"tools":[{"name":"ok","inputSchema":nonsense}]}', ["ok"]],
    ['{"tools":{}}', []],
    ['{"tools":null}', []],
    ['{"tools":[],"nextCursor":7}', []],
  ])("takes of an odd list %s what it can", async (page, names) => {
    const text = `{"jsonrpc":"2.0","id":1,"result":${page}`;
    const message = { ...requestOf("x"), text, result: text.indexOf(page), error: -1 };
    const { structuredContent } = await findTools(call({ query: "" }), () => Promise.resolve(message));
    expect((structuredContent as { tools: { name: string }[] }).tools.map(({ name }) => name)).toEqual(names);
  });

  test.each([
    ['"result":{}', /it sent no list/],
    ['"error":{"code":-32601,"message":"no tools here"}', /no tools here/],
  ])("says that %s is no list", async (answer, said) => {
    const message = readMessage(`{"jsonrpc":"2.0","id":1,${answer}}`) as Message;
    await expect(findTools(call({ query: "a" }), () => Promise.resolve(message))).rejects.toThrow(said);
  });

  test("reads so many tools and pages at most, and says so", async () => {
    const tools = `[${'{"name":"tool"},'.repeat(199_999)}{"name":"last"}]`;
    const many = await find({ query: "tool last" }, `{"tools":${tools}}`);
    expect(many.structuredContent).toMatchObject({ total: MOST_TOOLS });
    expect(many.content[0]!.text).toMatch(/Only the first 10000 tools were looked at\.$/);
    const endless = listOf('{"tools":[{"name":"tool"}],"nextCursor":"again"}');
    const found = await findTools(call({ query: "tool" }), endless.page);
    expect([endless.asked(), found.structuredContent]).toEqual([100, expect.objectContaining({ total: 100 })]);
  });

  test("reads so many bytes at most, and keeps nothing of long descriptions", async () => {
    const description = `Does it. ${"X".repeat(10_000_000)}`;
    const endless = listOf(bytes({ tools: [{ name: "tool", description }], nextCursor: "again" }));
    const { structuredContent, content } = await findTools(call({ query: "tool", limit: 50 }), endless.page);
    expect([endless.asked(), structuredContent]).toEqual([7, expect.objectContaining({ total: 7 })]);
    expect(content[0]!.text).toBe(`${"tool: Does it.\n".repeat(7)}Only the first 7 tools were looked at.`);
  });
});

describe("describe_tool", () => {
  const schema = '{"type":"object","properties":{"n":{"const":9007199254740993}}}';
  const page = `{"tools":[{"name":"a"},{"name":"b","icons":[{"src":"data:"}],"inputSchema":${schema}}]}`;

  test("says the tool as its server wrote it, without pictures", async () => {
    const { content } = await describeTool(call({ name: "b" }), listOf(page).page);
    expect(content[0]!.text).toBe(`{"name":"b","inputSchema":${schema}}`);
  });

  test.each([
    [{ name: "c" }, /There is no tool "c"/],
    [{ name: "__proto__" }, /There is no tool/],
    [{ name: "x".repeat(1_000) }, /There is no tool "x{100}"/],
    [{}, /"name" must be the name of a tool/],
    [{ name: 7 }, /"name" must be the name of a tool/],
    [undefined, /"name" must be the name of a tool/],
  ])("%j is a mistake that a model can mend", async (args, said) => {
    const { content, isError } = await describeTool(call(args), listOf(page).page);
    expect([isError, content[0]!.text]).toEqual([true, expect.stringMatching(said)]);
  });

  test("a description of megabytes is not given to a model", async () => {
    const long = pageOf({ name: "long", description: "x".repeat(1_000_000) });
    const { content, isError } = await describeTool(call({ name: "long" }), listOf(long).page);
    expect([isError, content[0]!.text]).toEqual([true, expect.stringMatching(/has 10\d+ bytes, expected 262144/)]);
  });
});

const paramsOf = (message: Message | string) =>
  typeof message === "string" ? message : decode(message.text, { start: message.params, end: message.end });

describe("call_tool", () => {
  test("stands for a call with its id, its name and arguments, and whatever else the request says", () => {
    const more = { _meta: { progressToken: 7 }, inputResponses: { who: 1 }, requestState: "s" };
    const inner = innerCall(
      requestOf("tools/call", { ...more, name: "call_tool", arguments: { name: "a", arguments: { b: "ä" } } }, '"id"'),
    );
    expect(inner).toMatchObject({ id: '"id"', method: "tools/call", kind: "request" });
    expect(paramsOf(inner)).toEqual({ ...more, name: "a", arguments: { b: "ä" } });
  });

  test("numbers and escapes pass as they were written", () => {
    const written = '{ "n": 9007199254740993, "t":"\\u00e4\\/" }';
    const text = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"call_tool","arguments":{"arguments":${written},"name":"\\u0061"}}}`;
    const inner = innerCall(readMessage(text) as Message) as Message;
    expect(inner.text).toContain(`"arguments":${written}`);
    expect(paramsOf(inner)).toHaveProperty("name", "a");
  });

  test.each([[{ name: "a" }], [{ name: "a", arguments: null }], [{ name: "a", arguments: {} }]])(
    "without arguments, %j, the tool gets none",
    (args) => expect(paramsOf(innerCall(call(args)))).toEqual({ name: "a", arguments: {} }),
  );

  test.each([
    [undefined, /"name"/],
    ["a", /"name"/],
    [["a"], /"name"/],
    [{ arguments: {} }, /"name"/],
    [{ name: 7 }, /"name"/],
    [{ name: "a", arguments: "{}" }, /"arguments" must be an object/],
    [{ name: "a", arguments: [1] }, /"arguments" must be an object/],
    [{ name: "a", arguments: 0 }, /"arguments" must be an object/],
  ])("%j is a mistake that a model can mend", (args, said) => {
    expect(innerCall(call(args))).toMatch(said);
  });
});

test.each([
  ["Reads a file. Fails without one.", "Reads a file."],
  ["Reads e.g. a file of version 1.2. Then more.", "Reads e.g. a file of version 1.2."],
  ["  Reads\n  a file\n\nArgs: path", "Reads a file"],
  ["Reads! Really.", "Reads!"],
  ["", ""],
  ["\n\n \n", ""],
  ["x".repeat(1_000_000), `${"x".repeat(159)}…`],
  ["🙂".repeat(1_000), `${"🙂".repeat(159)}…`],
  [". ".repeat(100_000), "."],
])("the first sentence of %.40j", (description, sentence) => {
  expect(firstSentence(description)).toBe(sentence);
});
