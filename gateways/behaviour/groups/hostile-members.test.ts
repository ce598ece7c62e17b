/** Members of a group that are broken or mean harm: they take away their own tools, and nothing of the others'. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Client, type Received } from "../../fixtures/client.ts";
import { cancelUntilAnswered, test, until, type Running } from "../../fixtures/harness.ts";
import { ModernClient } from "../../fixtures/modern-client.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

/** A member whose methods are JavaScript: each is a function of the params, and what it returns is its result, as JSON text. */
const member = (methods: Readonly<Record<string, string>>, before = "") => ({
  command: process.execPath,
  args: [
    join(import.meta.dirname, "../../fixtures/scripted-child.ts"),
    before,
    ...Object.entries(methods).flatMap(([method, body]) => [method, body]),
  ],
});

const GOOD = member({ "tools/list": `'{"tools":[{"name":"read","inputSchema":{}}]}'` });

const at = ({ port }: Running, path = "/mcp") => new Client(`http://127.0.0.1:${port}${path}`);
const toolsOf = ({ result }: Received) =>
  (result?.["tools"] as { name: string }[] | undefined)?.map(({ name }) => name);

describe("a list", () => {
  test.for<[string, string, readonly string[]]>([
    ["is no list", `{"tools":{}}`, []],
    ["is null", `{"tools":null}`, []],
    ["has elements that are no objects", `{"tools":[1,null,"x",[],{"name":"b"},true]}`, ["bad_b"]],
    ["has tools without a name", `{"tools":[{},{"name":7},{"name":null},{"name":"b"}]}`, ["bad_b"]],
    ["has the same tool twice", `{"tools":[{"name":"b"},{"name":"b"}]}`, ["bad_b", "bad_b"]],
    ["has an empty name", `{"tools":[{"name":""}]}`, ["bad_"]],
    ["has a NUL in a name", `{"tools":[{"name":"\\u0000\\"\\\\"}]}`, []],
    ["has escapes in names", `{"tools":[{"name":"\\u00e4\\"\\\\"}]}`, ['bad_ä"\\']],
    ["is no JSON inside an item", `{"tools":[{"name":"b","x":{bad}}]}`, []],
    ["has a string that is none", `{"tools":[{"name":"\\q"}]}`, []],
    ["has a line break in a string", `{"tools":[{"name":"b","description":"\\x"}]}`, []],
    ["has a key that is no string", `{"tools":[{"name":"b",description:"x"}]}`, []],
    ["has a cursor that is an object", `{"tools":[{"name":"b"}],"nextCursor":{"a":1}}`, ["bad_b"]],
    ["has a cursor that is a number", `{"tools":[{"name":"b"}],"nextCursor":7}`, ["bad_b"]],
    ["has an empty cursor", `{"tools":[{"name":"b"}],"nextCursor":""}`, ["bad_b"]],
    ["has a cursor of HTML", `{"tools":[{"name":"b"}],"nextCursor":"</script>\\"'"}`, ["bad_b"]],
    ["is HTML", `"<html>"`, []],
    ["is null", `null`, []],
    ["has half a character for a name", `{"tools":[{"name":"\\ud83d"}]}`, []],
    ["has half a character elsewhere", `{"tools":[{"name":"b","description":"\\ud83d"}]}`, ["bad_b"]],
    [
      "is nested deeper than all can read",
      `{"tools":[{"name":"a","x":${"[".repeat(99)}${"]".repeat(99)}},{"name":"b"}]}`,
      ["bad_b"],
    ],
  ])("that %s harms its own member alone: %s", async ([, result, expected], { start }) => {
    const bad = member({ "tools/list": JSON.stringify(result) });
    const client = await at(await start({ servers: { bad, good: GOOD } })).open();
    const first = await client.request("tools/list");
    expect(toolsOf(first)).toEqual([...expected, "good_read"]);
    const cursor = first.result?.["nextCursor"];
    const second = cursor === undefined ? undefined : await client.request("tools/list", { cursor });
    expect(second?.error).toBeUndefined();
    expect(await client.text("good_read")).toBe("called read");
  });
});

describe("what a member says that it has", () => {
  test.for(["{}", '"x"', "[]", "null", "7", '{"tools":null}', '{"tools":{bad}}', String.raw`{"tools":"\q"}`])(
    "may be nonsense, and no session is left behind: %s",
    async (capabilities, { start }) => {
      const result = `{"protocolVersion":"2025-11-25","serverInfo":{"name":"x","version":"1"},"capabilities":${capabilities}}`;
      const bad = member({ initialize: JSON.stringify(result) });
      const { gateway, port } = await start({ servers: { bad, good: GOOD } });
      const client = await new Client(`http://127.0.0.1:${port}/mcp`).open();
      const sessions = () => gateway.services.map((service) => service.sessions.size);
      for (const _ of [1, 2]) expect(toolsOf(await client.request("tools/list"))).toEqual(["good_read"]);
      expect(await client.text("bad_b")).toBe("called b");
      expect(sessions()).toEqual([1, 1]);
      await client.end();
      await until("they have ended", () => sessions().every((count) => count === 0));
    },
  );
});

test.for(["constructor", "toString", "__proto__", "valueOf"])(
  "a method that objects have is none: %s",
  async (method, { start }) => {
    const gateway = await start({ servers: { good: GOOD } });
    const clients = [await at(gateway).open(), new ModernClient(gateway)];
    for (const client of clients) expect((await client.request(method)).error?.code).toBe(-32601);
  },
);

/** A member that asks its client when it is listed or called; its answer is what it has heard. */
const asker = (params: object) => {
  const ask = `new Promise((resolve) => {
    const heard = [];
    onOther = (message) => heard.push(message.params);
    onAnswer = ({ id, result }) => resolve([...heard, { id, result }]);
    send({ method: "notifications/message", params: { level: "info", data: "asking" } });
    send({ id: "same", method: "sampling/createMessage", params: ${JSON.stringify(params)} });
  })`;
  return member({
    "tools/list": `${ask}.then((heard) => JSON.stringify({ tools: [{ name: heard[0].result.model }] }))`,
    "tools/call": `${ask}.then((heard) => JSON.stringify({ content: [{ type: "text", text: JSON.stringify(heard) }] }))`,
  });
};

const openSocket = ({ port }: Running) =>
  new WebSocketClient(`ws://127.0.0.1:${port}/ws`).open("2025-11-25", { sampling: {} });
const askedOf = ({ messages }: { readonly messages: readonly Received[] }) =>
  messages.filter(({ method }) => method === "sampling/createMessage");
const heardAs = (progress: number) =>
  JSON.stringify([
    { progressToken: 1, progress },
    { id: "same", result: {} },
  ]);

describe("requests of members", () => {
  test.concurrent("reach the client while a list of its is made", async ({ start }) => {
    const client = await openSocket(await start({ servers: { asker: asker({}), good: GOOD } }));
    const list = client.request("tools/list");
    await until("it is asked", () => askedOf(client).length === 1);
    expect(client.messages.some(({ method }) => method === "notifications/message")).toBe(true);
    await client.send({ jsonrpc: "2.0", id: askedOf(client)[0]!.id, result: { model: "m" } });
    expect(toolsOf(await list)).toEqual(["asker_m", "good_read"]);
  });

  test.concurrent("of one member, however many, leave room for another's", async ({ start }) => {
    const flood = `for (let id = 0; id < 2_000; id++) send({ id, method: "sampling/createMessage", params: {} })`;
    const flooding = member({ "tools/call": `(() => { ${flood}; return '{"content":[]}'; })()` });
    const client = await openSocket(await start({ servers: { flooding, asker: asker({}) } }));
    await client.tool("flooding_x");
    const before = askedOf(client).length;
    expect(before).toBe(1_000);
    const answer = client.text("asker_x");
    await until("it is asked", () => askedOf(client).length === before + 1);
    await client.send({ jsonrpc: "2.0", id: askedOf(client).at(-1)!.id, result: { model: "m" } });
    expect(await answer).toBe('[{"id":"same","result":{"model":"m"}}]');
  });

  test.concurrent("with the same id and progress token hear of their own progress alone", async ({ start }) => {
    const one = asker({ _meta: { progressToken: 1 } });
    const client = await openSocket(await start({ servers: { one, two: one } }));
    const answers = ["one_x", "two_x"].map((name) => client.text(name));
    await until("both ask", () => askedOf(client).length === 2);
    for (const [index, { id, params }] of askedOf(client).entries()) {
      const { progressToken } = params!["_meta"] as { readonly progressToken: unknown };
      const progress = { progressToken, progress: index };
      for (const token of [progressToken, 1, "server-99", null])
        await client.send({
          jsonrpc: "2.0",
          method: "notifications/progress",
          params: { ...progress, progressToken: token },
        });
      await client.send({ jsonrpc: "2.0", id, result: {} });
    }
    const heard = (await Promise.all(answers)).map((text) => JSON.parse(text) as object[]);
    expect(new Set(heard.map((own) => JSON.stringify(own)))).toEqual(new Set([heardAs(0), heardAs(1)]));
  });
});

test.concurrent("a member that is down at first is told to those who listed without it", async ({ start, roll }) => {
  const gate = join(roll.folder, "gate");
  writeFileSync(gate, "");
  const late = {
    command: process.execPath,
    args: [join(import.meta.dirname, "../../fixtures/child.ts"), "--refuse", gate],
  };
  const gateway = await start({ servers: { late, good: GOOD } });
  const [client, another] = [await at(gateway).open(), await at(gateway).open()];
  const [heard, unconcerned] = [await client.listen(), await another.listen()];
  expect(toolsOf(await client.request("tools/list"))).toEqual(["good_read"]);
  rmSync(gate);
  await at(gateway, "/late/mcp").open();
  await until("it is told", () => heard.some(({ method }) => method === "notifications/tools/list_changed"));
  expect(toolsOf(await client.request("tools/list"))).toContain("late_echo");
  expect(unconcerned).toEqual([]);
  await client.end();
  expect([...gateway.gateway.services].map(({ onChange }) => onChange.size)).toEqual([0, 0]);
});

const openAt = ({ services }: Running["gateway"]) => services.map(({ openCalls }) => openCalls);

describe("a member that does not answer", () => {
  const hanging = member({ "tools/list": "new Promise(() => {})", "prompts/list": "new Promise(() => {})" });

  test.concurrent("is asked no longer when the client cancels a list", async ({ start }) => {
    const gateway = await start({ servers: { hanging, good: GOOD } });
    const client = await at(gateway).open();
    const list = client.request("tools/list", {}, { id: "list" });
    await until("the member is asked", () => openAt(gateway.gateway)[0] === 1);
    expect((await cancelUntilAnswered(client, "list", list)).error?.message).toContain("cancelled");
    await until("nothing is open", () => openAt(gateway.gateway).every((open) => open === 0));
  });

  test.concurrent("holds nothing when the client has left", async ({ start }) => {
    const gateway = await start({ servers: { hanging, good: GOOD } });
    const { memory, services } = gateway.gateway;
    const client = await new WebSocketClient(`ws://127.0.0.1:${gateway.port}/ws`).open();
    for (const method of ["tools/list", "prompts/list"]) void client.request(method).catch(() => {});
    await until("the member is asked", () => openAt(gateway.gateway)[0] === 2);
    client.socket.terminate();
    await until("its sessions have ended", () => services.every(({ sessions }) => sessions.size === 0));
    await until("no memory is held", () => memory.whole.bytes === 0);
    expect(openAt(gateway.gateway)).toEqual([0, 0]);
  });
});

test.concurrent(
  "a session ends at once while a member's is being opened, which is not left behind",
  async ({ start, roll }) => {
    const gate = join(roll.folder, "gate");
    const slow = {
      command: process.execPath,
      args: [join(import.meta.dirname, "../../fixtures/child.ts"), "--gate", gate],
    };
    const gateway = await start({ servers: { slow } });
    writeFileSync(gate, "");
    const client = await at(gateway).open();
    const call = client.tool("slow_echo").catch(() => {});
    await until("the member is opened", () => gateway.service.sessions.openCalls > 0);
    expect((await client.end()).status).toBeLessThan(300);
    rmSync(gate);
    await call;
    await until("no session is open", () => gateway.service.sessions.size === 0);
  },
);

test.concurrent("what has been learned of endless lists of long names is limited and given back", async ({ start }) => {
  const page = `JSON.stringify({
    tools: Array.from({ length: 200 }, (_, at) => ({ name: "x".repeat(3_000) + (params.cursor ?? "") + at, inputSchema: {} })),
    nextCursor: String(Number(params.cursor ?? 0) + 1),
  })`;
  const gateway = await start({ servers: { endless: member({ "tools/list": page }), good: GOOD } });
  const client = await at(gateway).open();
  const { memory } = gateway.gateway;
  const unknown = `endless_${"y".repeat(47)}_01234567`;
  expect(unknown).toHaveLength(64);
  expect(await client.text(unknown)).toBe(`called ${unknown.slice("endless_".length)}`); // after every page that is read
  expect(memory.whole.bytes).toBeLessThan(6 * 1024 * 1024);
  await client.end();
  await until("it is given back", () => memory.whole.bytes < 64 * 1024);
});

test.concurrent(
  "a client whose member has died is told when that is back, and has its subscription there",
  async ({ start }) => {
    const mortal = member(
      {
        "resources/list": `'{"resources":[{"uri":"file:///one","name":"one"}]}'`,
        "resources/subscribe": "subscribed.push(params.uri), '{}'",
        "tools/call":
          "JSON.stringify({ content: [{ type: 'text', text: JSON.stringify([process.pid, ...subscribed]) }] })",
      },
      "const subscribed = [];",
    );
    const gateway = await start({ servers: { mortal: { ...mortal, revive: false }, good: GOOD } });
    const client = await at(gateway).open();
    const heard = await client.listen();
    const state = async () => JSON.parse(await client.text("mortal_x")) as [number, ...string[]];
    expect((await client.request("resources/subscribe", { uri: "file:///one" })).error).toBeUndefined();
    const [pid] = await state();
    process.kill(pid, "SIGKILL");
    await until("its session has ended", () => gateway.service.sessions.size === 0);
    await until("it is back", async () => (await client.tool("mortal_x")).result);
    const [another, ...subscribed] = await state();
    expect([another === pid, subscribed]).toEqual([false, ["file:///one"]]);
    await until("it is told", () => heard.some(({ method }) => method === "notifications/tools/list_changed"));
    await client.request("resources/unsubscribe", { uri: "file:///one" });
    process.kill(another, "SIGKILL");
    await until("its session has ended again", () => gateway.service.sessions.size === 0);
    await until("it is back again", async () => (await client.tool("mortal_x")).result);
    expect((await state()).slice(1)).toEqual([]);
  },
);
