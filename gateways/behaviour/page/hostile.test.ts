/** What servers say on the page: it stays text, bounded, and without secrets. */
import { expect } from "vitest";
import { child, test, until } from "../../fixtures/harness.ts";
import { PageVisit } from "../../fixtures/page-visitor.ts";

const SHARED = { isolation: "shared" } as const;
const listing = (list: string) => ({ service: SHARED, child: ["--list", list] });

test("of many tools as many as fit are shown, and the others counted", async ({ start }) => {
  const tools = Array.from({ length: 900 }, (_, at) => ({ name: `tool-${at}`, inputSchema: {} }));
  const { port } = await start(listing(JSON.stringify({ tools })));
  const { details } = await new PageVisit(port).service();
  expect([details?.tools?.length, details?.moreTools]).toEqual([500, 400]);
});

/** Its list is longer than an argument of a program may be. */
const LARGE = `
  const tools = [
    { name: "large", description: "x".repeat(600000), inputSchema: {} },
    { name: "small", inputSchema: {} },
  ];
  const serverInfo = { name: "large", version: "1" };
  const results = {
    initialize: { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo },
    "tools/list": { tools },
  };
  require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const { id, method } = JSON.parse(line);
    const answer = method in results ? { result: results[method] } : { error: { code: -32601, message: "no" } };
    if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
  });`;

test("a tool that is too large for the page hides itself alone", async ({ start }) => {
  const { port } = await start({ service: SHARED, command: `'${process.execPath}' -e '${LARGE}'` });
  const { details } = await new PageVisit(port).service();
  expect([details?.tools?.map(({ name }) => name), details?.moreTools]).toEqual([["small"], 1]);
});

test("tools with very long words stay short", async ({ start }) => {
  const tools = Array.from({ length: 5 }, (_, at) => ({
    name: `tool-${at}`,
    description: "x".repeat(20_000),
    inputSchema: {},
  }));
  const { port } = await start(listing(JSON.stringify({ tools })));
  const shown = (await new PageVisit(port).service()).details!.tools!;
  expect(shown.map(({ description }) => description?.length)).toEqual([4_000, 4_000, 4_000, 4_000, 4_000]);
  expect(shown[0]!.description).toMatch(/more characters\)$/);
});

test("schemas may be as deep as they like, and hold what they like", async ({ start }) => {
  const deep = `${'{"items":'.repeat(5_000)}{}${"}".repeat(5_000)}`;
  const odd =
    '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"enum":[1,null,"\\u001b[31m"]}}}';
  const { port } = await start(
    listing(`{"tools":[{"name":"deep","inputSchema":${deep}},{"name":"odd","inputSchema":${odd}}]}`),
  );
  const { tools = [] } = (await new PageVisit(port).service()).details!;
  expect(tools.map(({ name }) => name)).toEqual(["deep", "odd"]);
  expect(JSON.stringify(tools[0]).length).toBeLessThan(1_000);
  const { properties } = tools[1]!.inputSchema as { properties: object };
  expect(Object.keys(properties)).toEqual(["__proto__", "constructor"]);
});

test.for(["{}", "null", '{"tools":5}', '{"tools":[{}]}', '{"tools":[null,5,"x",{"name":7}]}'])(
  "a list that is none shows no tools, and the page all the rest: %s",
  async (list, { start }) => {
    const { port } = await start(listing(list));
    const { state, details } = await new PageVisit(port).service();
    expect([state, details?.tools ?? []]).toEqual(["up", []]);
  },
);

test("a server that lists without end, or not at all, keeps nobody waiting", async ({ start }) => {
  const { port } = await start({ service: SHARED, child: ["--silent", "tools/list"] });
  const { state, details } = await new PageVisit(port).service();
  expect([state, details?.tools]).toEqual(["up", undefined]);
}, 30_000);

test("markup, escapes and secrets in what a server writes are text in the log", async ({ start }) => {
  const SECRET = "s3cr3t-value-of-some-length";
  const words = `<img src=x onerror=alert(1)> \u001b[31mred\u001b[2J \u202etxt ${SECRET}`;
  const [command, ...args] = child("--mute", words).slice(1, -1).split("' '");
  const servers = { fixture: { command, args, env: { API_TOKEN: SECRET }, isolation: "shared", startTimeout: "1s" } };
  // A gateway starts when each server has failed once.
  const { port } = await start({ servers });
  const visit = new PageVisit(port);
  await until("its words are in the log", async () =>
    (await visit.service()).details!.log.some((line) => line.includes("onerror")),
  );
  const log = (await visit.service()).details!.log.join("\n");
  expect(log).toContain("<img src=x onerror=alert(1)>");
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  expect(log).not.toMatch(/[\u0000-\u0008\u001b\u202e]/);
  expect(log).not.toContain(SECRET);
});

test("the log has at most fifty lines, however much is logged", async ({ start }) => {
  const { port, open } = await start({ service: SHARED });
  const client = await open();
  for (let call = 0; call < 80; call++) await client.tool("echo");
  const { log } = (await new PageVisit(port).service()).details!;
  expect(log).toHaveLength(50);
});
