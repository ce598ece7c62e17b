/** Several services as one: the hub's own /mcp, /sse and /ws, and groups. */
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Client, type Received } from "../../fixtures/client.ts";
import { test, until, type Running } from "../../fixtures/harness.ts";
import { ModernClient } from "../../fixtures/modern-client.ts";
import { SseClient } from "../../fixtures/sse-client.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

const fixture = (name: string, ...args: readonly string[]) => ({
  command: process.execPath,
  args: [join(import.meta.dirname, "../../fixtures", name), ...args],
});
const child = (...flags: readonly string[]) => fixture("child.ts", ...flags);
const lists = (given: object) => fixture("lists-child.ts", JSON.stringify(given));
const modern = fixture("modern-child.ts");

const at = ({ port }: Running, path = "/mcp", token?: string) =>
  new Client(`http://127.0.0.1:${port}${path}`, token === undefined ? {} : { authorization: `Bearer ${token}` });

const namesOf = ({ result }: Received, list: string, key = "name") =>
  (result![list] as readonly Record<string, string>[]).map((item) => item[key]);

describe("names", () => {
  test.concurrent("of tools and prompts begin with their service's, and lead to it", async ({ start }) => {
    const one = lists({ tools: ["read", "with_underscore", "käse", "a b"], prompts: ["ask"] });
    const client = await at(await start({ servers: { one, two: lists({ tools: ["read"] }) } })).open();
    expect(namesOf(await client.request("tools/list"), "tools")).toEqual([
      "one_read",
      "one_with_underscore",
      "one_käse",
      "one_a b",
      "two_read",
    ]);
    expect(namesOf(await client.request("prompts/list"), "prompts")).toEqual(["one_ask"]);
    for (const name of ["read", "with_underscore", "käse", "a b"])
      expect(await client.text(`one_${name}`)).toBe(`called ${name}`);
    const prompt = await client.request("prompts/get", { name: "one_ask" });
    expect(JSON.stringify(prompt.result)).toContain("got ask");
    const completed = await client.request("completion/complete", {
      ref: { type: "ref/prompt", name: "one_ask" },
      argument: { name: "x", value: "y" },
    });
    expect(JSON.stringify(completed.result)).toContain(String.raw`\"name\":\"ask\"`);
  });

  test.concurrent(
    "that would be too long are cut, always in the same way, and lead there all the same",
    async ({ start }) => {
      const long = ["x".repeat(70), `${"x".repeat(70)}y`];
      const gateway = await start({ servers: { one: lists({ tools: long, pageSize: 1 }) } });
      const client = await at(gateway).open();
      const names = [
        ...namesOf(await client.request("tools/list"), "tools"),
        ...namesOf(
          await client.request("tools/list", { cursor: (await client.request("tools/list")).result?.["nextCursor"] }),
          "tools",
        ),
      ] as string[];
      expect(names.map((name) => name.length)).toEqual([64, 64]);
      expect(new Set(names).size).toBe(2);
      const another = await at(gateway).open(); // which has listed nothing
      for (const [index, name] of names.entries()) expect(await another.text(name)).toBe(`called ${long[index]}`);
    },
  );

  test.concurrent("that nobody has are refused with the names of the services", async ({ start }) => {
    const client = await at(await start({ servers: { one: lists({ tools: ["read"] }) } })).open();
    for (const name of ["read", "other_read", "_read", "one"]) {
      const { error } = await client.tool(name);
      expect([error?.code, error?.message]).toEqual([-32602, expect.stringContaining("the services are: one")]);
    }
  });
});

describe("lists", () => {
  test.concurrent("have as many pages as the longest, and every item once", async ({ start }) => {
    const servers = {
      one: lists({ tools: ["a", "b", "c", "d", "e"], pageSize: 2 }),
      two: lists({ tools: ["f"] }),
      three: lists({ tools: ["g", "h", "i"], pageSize: 1 }),
    };
    const client = await at(await start({ servers })).open();
    const names: unknown[] = [];
    let pages = 0;
    for (let cursor: unknown, more = true; more; more = cursor !== undefined, pages++) {
      const page = await client.request("tools/list", cursor === undefined ? {} : { cursor });
      names.push(...namesOf(page, "tools"));
      cursor = page.result?.["nextCursor"];
    }
    expect(pages).toBe(3);
    const all = ["one_a", "one_b", "one_c", "one_d", "one_e", "three_g", "three_h", "three_i", "two_f"];
    expect([names.length, new Set(names)]).toEqual([all.length, new Set(all)]);
  });

  test.for(["made-up", "W10", "", "bnVsbA", Buffer.from('[["one","{"]]').toString("base64url")])(
    "a cursor that no list has given is refused: %j",
    async (cursor, { start }) => {
      const client = await at(await start({ servers: { one: lists({ tools: ["a"] }) } })).open();
      const answer = await client.request("tools/list", { cursor });
      expect(answer.error?.code ?? answer.result?.["tools"]).toEqual(answer.error ? -32602 : []);
      expect(await client.text("one_a")).toBe("called a");
    },
  );

  test.concurrent("that change at a member are told", async ({ start }) => {
    const client = await at(await start({ servers: { one: lists({ tools: ["change"] }) } })).open();
    const heard = await client.listen();
    await client.text("one_change");
    await until("it is told", () => heard.some(({ method }) => method === "notifications/tools/list_changed"));
  });

  test.concurrent("do without a member that is down, and its status says so", async ({ start }) => {
    const servers = {
      one: lists({ tools: ["read"] }),
      broken: { command: "/nonexistent" },
      both: { group: ["one", "broken"] },
    };
    const gateway = await start({ servers });
    for (const path of ["/mcp", "/both/mcp"]) {
      const client = await at(gateway, path).open();
      expect(namesOf(await client.request("tools/list"), "tools")).toEqual(["one_read"]);
      expect(await client.text("one_read")).toBe("called read");
      const { error } = await client.tool("broken_read");
      expect(error?.message).toContain("The MCP server of broken did not start");
    }
    const group = gateway.gateway.services.find(({ name }) => name === "both");
    expect([group?.state, group?.error]).toEqual(["up", expect.stringContaining("without broken")]);
  });
});

const readerOf = ({ result }: Received) => JSON.stringify(result).match(/read by (\d+)/)?.[1];

describe("resources", () => {
  const servers = {
    one: lists({ resources: ["file:///one", "file:///same"], templates: ["one://{id}/text"] }),
    two: lists({ resources: ["file:///two", "file:///same", "file:///late"], pageSize: 2 }),
    three: lists({ tools: ["read"] }),
  };
  test.concurrent("keep their URIs, and are read where they were listed", async ({ start }) => {
    const client = await at(await start({ servers })).open();
    const listed = await client.request("resources/list");
    expect(namesOf(listed, "resources", "uri").slice(0, 3)).toEqual(["file:///one", "file:///same", "file:///two"]);
    const read = async (uri: string) => readerOf(await client.request("resources/read", { uri }));
    const [one, two] = [await read("file:///one"), await read("file:///two")];
    expect(one).not.toBe(two);
    expect(await read("file:///same")).toBe(one);
    expect(await read("one://7/text")).toBe(one);
    expect(await read("file:///late")).toBe(two);
    expect((await client.request("resources/subscribe", { uri: "file:///two" })).error).toBeUndefined();
    const unknown = await client.request("resources/read", { uri: "file:///nowhere" });
    expect([unknown.error?.code, unknown.error?.message]).toEqual([-32002, expect.stringContaining("not found")]);
  });

  test.concurrent("are found by a client that has listed nothing", async ({ start }) => {
    const client = await at(await start({ servers })).open();
    expect((await client.request("resources/read", { uri: "file:///late" })).error).toBeUndefined();
    const completed = await client.request("completion/complete", {
      ref: { type: "ref/resource", uri: "one://{id}/text" },
      argument: { name: "id", value: "" },
    });
    expect(completed.error).toBeUndefined();
  });
});

describe("what a member asks and tells", () => {
  test.concurrent("goes to the right client, and its answer to the right member", async ({ start }) => {
    const gateway = await start({ servers: { one: child(), two: child() } });
    const client = await new WebSocketClient(`ws://127.0.0.1:${gateway.port}/ws`).open("2025-11-25", { sampling: {} });
    const params = { messages: [], maxTokens: 1 };
    const asking = ["one", "two"].map((member) =>
      client.text(`${member}_ask`, { method: "sampling/createMessage", params }),
    );
    const asked = () => client.messages.filter(({ method }) => method === "sampling/createMessage");
    await until("both ask", () => asked().length === 2);
    const ids = asked().map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    for (const [index, id] of ids.entries())
      await client.send({
        jsonrpc: "2.0",
        id,
        result: { role: "assistant", content: { type: "text", text: `answer ${index}` } },
      });
    const answers = await Promise.all(asking);
    expect(new Set(answers.map((text) => /answer \d/.exec(text)?.[0]))).toEqual(new Set(["answer 0", "answer 1"]));
  });

  test.concurrent("progress and cancellation reach their own call", async ({ start }) => {
    const gateway = await start({ servers: { one: child(), two: child() } });
    const client = await new SseClient(`http://127.0.0.1:${gateway.port}/sse`).open();
    const [first, second] = await Promise.all([
      client.text("one_progress", { times: 2, ms: 5, text: "first" }, { progressToken: "one" }),
      client.text("two_progress", { times: 3, ms: 5, text: "second" }, { progressToken: "two" }),
    ]);
    expect([first, second]).toEqual(["first", "second"]);
    // Less than 1 is the gateway's own: a member is still starting.
    const progress = client.messages.filter(({ params }) => Number(params?.["progress"]) >= 1);
    expect(progress.filter(({ params }) => params?.["progressToken"] === "one")).toHaveLength(2);
    expect(progress.filter(({ params }) => params?.["progressToken"] === "two")).toHaveLength(3);
    const members = gateway.gateway.services;
    await client.send({
      jsonrpc: "2.0",
      id: "slow",
      method: "tools/call",
      params: { name: "two_slow", arguments: { ms: 60_000 } },
    });
    await until("the call is open", () => members.some(({ openCalls }) => openCalls === 1));
    await client.notify("notifications/cancelled", { requestId: "slow" });
    await until("no call is open", () => members.every(({ openCalls }) => openCalls === 0));
    expect(await client.text("one_echo", { text: "still here" })).toBe("still here");
  });

  test.concurrent("a log level reaches members whenever their session is opened", async ({ start }) => {
    const servers = { one: lists({ tools: ["level"] }), two: lists({ tools: ["level"] }) };
    const client = await at(await start({ servers })).open();
    expect(await client.text("one_level")).toBe("none");
    await client.request("logging/setLevel", { level: "warning" });
    expect([await client.text("one_level"), await client.text("two_level")]).toEqual(["warning", "warning"]);
  });
});

describe("sessions of members", () => {
  test.concurrent("are opened when they are first used, and end with the group's", async ({ start }) => {
    const gateway = await start({ servers: { one: child(), two: child() } });
    const sessions = () => gateway.gateway.services.map((service) => service.sessions.size);
    const client = await at(gateway).open();
    expect(sessions()).toEqual([0, 0]);
    expect([await client.text("one_count"), await client.text("one_count")]).toEqual(["1", "2"]);
    expect(sessions()).toEqual([1, 0]);
    const another = await at(gateway).open();
    expect(await another.text("one_count")).toBe("1");
    await fetch(client.url, { method: "DELETE", headers: { "mcp-session-id": client.session } });
    await until("its session at the member has ended", () => sessions()[0] === 1);
    expect(await another.text("one_count")).toBe("2");
  });

  test.concurrent("are opened again after their server has died", async ({ start }) => {
    const gateway = await start({ servers: { one: { ...child(), revive: false }, two: child() } });
    const client = await at(gateway).open();
    const pid = Number(await client.text("one_pid"));
    expect(await client.text("two_echo", { text: "x" })).toBe("x");
    process.kill(pid, "SIGKILL");
    await until("a call is answered again", async () => (await client.tool("one_echo", { text: "again" })).result);
    expect(await client.text("two_echo", { text: "x" })).toBe("x");
  });
});

describe("both eras", () => {
  test.concurrent("on both sides", async ({ start }) => {
    const gateway = await start({ servers: { old: child(), current: modern } });
    const legacy = await at(gateway).open();
    const client = new ModernClient(gateway);
    for (const member of ["old", "current"]) {
      expect(await legacy.text(`${member}_echo`, { text: member })).toBe(member);
      expect(await client.text(`${member}_echo`, { text: member })).toBe(member);
    }
    expect(namesOf(await client.request("tools/list"), "tools")).toContain("current_echo");
  });
});

describe("who may use it", () => {
  const tokens = { one: "token-of-one-aaaaaaaaaaaa", all: "token-of-all-aaaaaaaaaaaa" };
  const servers = {
    one: { ...lists({ tools: ["read"] }), tokens: [tokens.one] },
    two: { ...lists({ tools: ["read"] }), tokens: ["token-of-two-aaaaaaaaaaaa"] },
  };

  test.concurrent("a token of one service opens that service alone, through the hub too", async ({ start }) => {
    const gateway = await start({ servers, tokens: [tokens.all] });
    const client = await at(gateway, "/mcp", tokens.one).open();
    expect(namesOf(await client.request("tools/list"), "tools")).toEqual(["one_read"]);
    expect((await client.tool("two_read")).error?.code).toBe(-32602);
    const everywhere = await at(gateway, "/mcp", tokens.all).open();
    expect(namesOf(await everywhere.request("tools/list"), "tools")).toEqual(["one_read", "two_read"]);
    expect((await at(gateway).initialize()).status).toBe(401);
    expect((await at(gateway, "/mcp", "token-of-nobody-aaaaaaaaa").initialize()).status).toBe(401);
  });

  test.concurrent("where one service needs a token, the hub's own URL needs one", async ({ start }) => {
    const gateway = await start({ servers: { open: child(), one: servers.one } });
    expect((await at(gateway).initialize()).status).toBe(401);
    expect((await at(gateway, "/open/mcp").initialize()).status).toBe(200);
  });

  test.concurrent("a group with a token of its own opens its members", async ({ start }) => {
    const group = { group: ["one"], tokens: ["token-of-group-aaaaaaaaaa"] };
    const gateway = await start({ servers: { ...servers, group } });
    const client = await at(gateway, "/group/mcp", "token-of-group-aaaaaaaaaa").open();
    expect(await client.text("one_read")).toBe("called read");
  });
});

test.concurrent("a group offers what its patterns say, of what its members offer", async ({ start }) => {
  const servers = {
    one: { ...lists({ tools: ["read", "write", "delete"] }), tools: ["!delete"] },
    two: lists({ tools: ["read"] }),
    some: { group: ["one", "two"], tools: ["one_*", "!*_write", "nothing_like_this"] },
  };
  const gateway = await start({ servers });
  const client = await at(gateway, "/some/mcp").open();
  expect(namesOf(await client.request("tools/list"), "tools")).toEqual(["one_read"]);
  expect(await client.text("one_read")).toBe("called read");
  for (const name of ["one_write", "one_delete", "two_read"])
    expect((await client.tool(name)).error?.code).toBe(-32602);
  const group = gateway.gateway.services.find(({ name }) => name === "some");
  expect(group?.tools).toBe(1);
  await until("what matches nothing is told", () =>
    gateway.log.some((line) => line.includes("no tool is called like nothing_like_this")),
  );
});

test.concurrent("calls are audited with the whole name", async ({ start }) => {
  const gateway = await start({ servers: { one: child() } });
  await (await at(gateway).open()).text("one_echo", { text: "x" });
  await until("the line is written", () =>
    gateway.log.some((line) => line.includes('"service":"hub"') && line.includes('"tool":"one_echo"')),
  );
});

test.concurrent("a gateway that ends lets a call through the group finish", async ({ start }) => {
  const gateway = await start({ servers: { one: child() }, drainTimeout: 20_000 });
  const client = await at(gateway).open();
  const answer = client.text("one_slow", { ms: 200, text: "done" });
  await until("the call is open", () => gateway.gateway.services[0]?.openCalls === 1);
  await gateway.gateway.stop();
  expect(await answer).toBe("done");
});

test.concurrent("services at their URLs are one, with the token that they ask for", async ({ start }) => {
  const token = "token-of-members-aaaaaaaaaa";
  const [one, two] = [
    await start({ servers: { one: lists({ tools: ["read"] }) }, tokens: [token] }),
    await start({ servers: { two: modern }, tokens: [token] }),
  ];
  const headers = { Authorization: `Bearer ${token}` };
  const members = [
    { name: "one", url: `http://127.0.0.1:${one.port}/one/mcp`, headers },
    { name: "two", url: `http://127.0.0.1:${two.port}/two/mcp`, headers },
    { name: "gone", url: "http://127.0.0.1:9/mcp", headers },
  ];
  const group = await start({ service: { name: "all", server: { kind: "group", members } } });
  const client = await group.open();
  expect(await client.text("one_read")).toBe("called read");
  expect(await client.text("two_echo", { text: "x" })).toBe("x");
  expect(namesOf(await client.request("tools/list"), "tools")).toContain("two_echo");
  expect(group.service.error).toContain("without gone");
});
