/** Malformed answers of a server become errors at once and harm nobody else. */
import { expect } from "vitest";
import { test, until, type Running } from "../../fixtures/harness.ts";

const isolations = ["shared", "session"] as const;

async function refusal({ client }: Running): Promise<string> {
  const response = await client().initialize();
  expect(response.status).toBe(503);
  return ((await response.json()) as { error: { message: string } }).error.message;
}

/** No error reached the handlers of last resort. */
const expectCalm = ({ log }: Running) =>
  expect(log.filter((line) => /uncaught|unhandled|internal error/.test(line))).toEqual([]);

const results = [
  ["malformed JSON", '{"protocolVersion":"2025-06-18",oops}'],
  ["a bad escape", '{"protocolVersion":"\\x","capabilities":{}}'],
  ["null", "null"],
  ["a number", "7"],
  ["without a version", '{"capabilities":{}}'],
] as const;

for (const [what, text] of results) {
  test.concurrent(
    `an answer to initialize that is ${what} is a failed start, long before the start timeout`,
    async ({ start }) => {
      const running = await start({ child: ["--initialize", text], service: { isolation: "shared" } });
      expect(running.service.state).toBe("failed");
      expect(await refusal(running)).toMatch(/did not start: .*initialize/);
      expectCalm(running);
    },
  );
}

test.concurrent(
  "an answer to tools/list that is malformed JSON leaves the server up, with a warning",
  async ({ start }) => {
    const running = await start({ child: ["--list", '{"tools":[oops]}'] });
    expect([running.service.state, running.service.tools]).toEqual(["up", undefined]);
    expect(running.log.some((line) => /does not list its tools/.test(line) && /tools\/list/.test(line))).toBe(true);
    expectCalm(running);
  },
);

for (const isolation of isolations) {
  test.concurrent(`a server that states no capabilities can be used, isolation ${isolation}`, async ({ start }) => {
    const { open } = await start({
      child: ["--initialize", '{"protocolVersion":"2025-06-18"}'],
      service: { isolation },
    });
    expect(await (await open("2025-06-18")).text("count")).toBe("1");
  });
}

const lists = [
  ["whose nextCursor is null", '{"tools":[{"name":"a"}],"nextCursor":null}', 1, 1],
  ["whose nextCursor is empty", '{"tools":[{"name":"a"}],"nextCursor":""}', 1, 1],
  ["that never ends", '{"tools":[{"name":"a"}],"nextCursor":"more"}', 100, 100],
  ["that is not a list", '{"tools":{"length":"<form>"}}', 0, 1],
  ["of nothing", "null", 0, 1],
] as const;

for (const [what, list, tools, pages] of lists) {
  test.concurrent(`a list of tools ${what} is requested ${pages} times`, async ({ start }) => {
    const { service, open } = await start({ child: ["--list", list], service: { isolation: "shared" } });
    expect(service).toMatchObject({ state: "up", tools });
    const received = await (await open()).received();
    expect(received.filter(({ method }) => method === "tools/list")).toHaveLength(pages);
  });
}

const badAnswers = [
  '{"jsonrpc":"2.0","id":$ID,"result":{}} and more',
  '{"jsonrpc":"2.0","id":$ID,"result":{}}{"jsonrpc":"2.0","method":"notifications/message","params":{}}',
  '{"jsonrpc":"2.0","id":$ID,"result":undefined}',
  '{"jsonrpc":"2.0","id":$ID}',
  '{"jsonrpc":"2.0","id":$ID,"result":{',
  '{"jsonrpc":"2.0","id":$ID,"ID":1,"result":{}}',
  '{"jsonrpc":"2.0","method":"notifications/message","params":{}}{"jsonrpc":"2.0","id":$ID,"result":{}}',
  '{"id":$ID,"result":{}}',
  '{"jsonrpc":"1.0","id":"$ID","result":{}}',
];

for (const isolation of isolations) {
  test.concurrent(`a malformed answer fails its call at once, isolation ${isolation}`, async ({ start }) => {
    const running = await start({ service: { isolation } });
    const client = await running.open("2025-03-26");
    for (const text of badAnswers) {
      const { error } = await client.tool("raw", { text });
      expect(error).toMatchObject({
        code: -32603,
        message: expect.stringMatching(/not a JSON-RPC message.*may have run/) as string,
      });
    }
    const batch = [badAnswers[0], undefined].map((text, id) => {
      const params = text === undefined ? { name: "count" } : { name: "raw", arguments: { text } };
      return { jsonrpc: "2.0", id, method: "tools/call", params };
    });
    expect(await (await client.post(batch)).json()).toHaveLength(2);
    expectCalm(running);
  });
}

const clientRequest = (id: string) => `{"jsonrpc":"2.0","id":${id},"method":"roots/list"}`;

test.concurrent("a client request with a malformed id reaches no client", async ({ start }) => {
  const { open, log } = await start();
  const client = await open("2025-11-25", { roots: {} });
  const stream = await client.get();
  const text = [
    clientRequest("7oops"),
    clientRequest("null"),
    clientRequest("01"),
    '{"jsonrpc":"2.0","id":$ID,"result":{}}',
  ].join("\n");
  await client.tool("raw", { text });
  await until("they have been read", () => log.filter((line) => line.includes("not a JSON-RPC message")).length === 3);
  await client.end();
  expect(await stream.text()).not.toMatch(/roots/);
});
