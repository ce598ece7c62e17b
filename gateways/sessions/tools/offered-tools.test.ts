import { pino } from "pino";
import { expect, test } from "vitest";
import type { Caller } from "../../bridge/connection.ts";
import { Tools } from "../../bridge/tools.ts";
import { readClientMessage } from "../../client-message.ts";
import { GatewayError } from "../../errors.ts";
import { modernCaller, notificationOf, requestOf } from "../../fixtures/modern-caller.ts";
import { randomNumbers } from "../../fixtures/random.ts";
import type { Message } from "../../jsonrpc.ts";
import type { Lane, ModernEndpoint } from "../servers/contract.ts";
import { OfferedTools } from "./offered-tools.ts";

const SILENT = pino({ enabled: false });

const offeredBy = (...patterns: string[]) => OfferedTools.of("test", { patterns }, SILENT)!;

/** A server in both eras that answers every list with this one, and what has reached it. */
function server(list = "[]") {
  const reached: Message[] = [];
  const cancelled: Caller[] = [];
  const callers: Caller[] = [];
  const call = (message: Message, caller: Caller) => {
    reached.push(message);
    callers.push(caller);
    if (message.method === "tools/list")
      caller.answer(`{"jsonrpc":"2.0","id":1,"result":{"tools":${list},"nextCursor":"n"}}`);
  };
  const cancel = (caller: Caller) => void cancelled.push(caller);
  const tell = (message: Message) => void reached.push(message);
  const lane = { call, cancel, tell } as unknown as Lane;
  const endpoint = { call, cancel, openCalls: 0 } as unknown as ModernEndpoint;
  return { reached, callers, cancelled, lane, endpoint };
}

/** Calls in both eras. @returns what the callers got, and what reached the server */
function callBoth(message: Message, patterns: string[], list?: string) {
  const offered = offeredBy(...patterns);
  const [legacy, modern] = [modernCaller(), modernCaller()];
  const { lane, endpoint, reached } = server(list);
  let settled = 0;
  offered.lane(lane).call(message, legacy.caller, () => settled++);
  offered.endpoint(endpoint).call(message, modern.caller);
  return { reached, legacy, modern, settled };
}

test("a tool that is not offered is refused as one that does not exist, before a server has the call", () => {
  const { reached, legacy, modern, settled } = callBoth(requestOf("tools/call", { name: "delete_all" }), ["!delete_*"]);
  expect([reached, settled]).toEqual([[], 1]);
  for (const { errors } of [legacy, modern])
    expect(errors).toMatchObject([{ name: "tool-not-offered", code: -32602, status: 200 }]);
  expect(legacy.errors[0]?.message).toMatch(/^Unknown tool: delete_all\. /);
});

test("everything else passes unchanged: other tools, other methods, and tools that run as a task", () => {
  const task = { ttl: 1 };
  for (const [method, params] of [
    ["tools/call", { name: "read_a", arguments: { name: "delete_a" } }],
    ["tools/call", { name: "read_a", task }],
    ["prompts/get", { name: "delete_a" }],
    ["ping", {}],
  ] as const) {
    const message = requestOf(method, params);
    const { reached, legacy } = callBoth(message, ["read_*", "!delete_*"]);
    expect(reached).toEqual([message, message]);
    expect(legacy.errors).toEqual([]);
  }
  expect(callBoth(requestOf("tools/call", { name: "delete_a", task }), ["!delete_*"]).reached).toEqual([]);
});

test.each([{}, { name: null }, { name: ["delete_a"] }, { name: 5 }])(
  "a call whose name is no text is refused, whatever a server would make of it: %j",
  (params) => {
    const { reached, modern } = callBoth(requestOf("tools/call", params), ["!delete_*"]);
    expect(reached).toEqual([]);
    expect(modern.errors).toMatchObject([{ name: "invalid-params" }]);
  },
);

test("a call without an id does not reach a server that would run it all the same", () => {
  const { lane, reached } = server();
  const offered = offeredBy("!delete_*").lane(lane);
  for (const name of ["delete_a", "read_a"]) offered.tell({ ...notificationOf("x", { name }), method: "tools/call" });
  offered.tell(notificationOf("initialized"));
  expect(reached.map(({ method, text }) => [method, text.includes("delete")])).toEqual([
    ["tools/call", false],
    ["notifications/initialized", false],
  ]);
});

const HIDDEN = ["delete_file", "löschen", "🚢/sink", 'say_"no"', "a\\b"];

/** A text as JSON, with some of its characters escaped in one of the ways that there are. */
function spelled(text: string, random: (below: number) => number): string {
  const escaped = (unit: string) => {
    const hex = unit.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${random(2) === 0 ? hex : hex.toUpperCase()}`;
  };
  const characters = Array.from(text, (character) => {
    const plain = JSON.stringify(character).slice(1, -1);
    const way = random(3);
    if (way === 0) return character.split("").map(escaped).join("");
    return way === 1 && character === "/" ? "\\/" : plain;
  });
  return `"${characters.join("")}"`;
}

test("a hidden name is callable in no JSON spelling of it, of its key and of its method", () => {
  const random = randomNumbers(3);
  const space = () => " ".repeat(random(2));
  const offered = offeredBy(...HIDDEN.map((name) => `!${name.replaceAll(/["\\]/g, "?")}`));
  for (let tried = 0; tried < 3_000; tried++) {
    const name = HIDDEN[random(HIDDEN.length)]!;
    const [key, method, value] = ["name", "tools/call", name].map((text) => spelled(text, random));
    const member = `${key}${space()}:${space()}${value}`;
    const before = random(2) === 0 ? '"arguments":{"name":"read_file"},' : "";
    const json = `{"jsonrpc":"2.0","id":1,"params":{${space()}${before}${member}${space()}},"method":${method}}`;
    expect(JSON.parse(json)).toMatchObject({ method: "tools/call", params: { name } });
    const message = readClientMessage(Buffer.from(json).toString("latin1"));
    const { lane, endpoint, reached } = server();
    offered.lane(lane).call(message, modernCaller().caller, () => {});
    offered.endpoint(endpoint).call(message, modernCaller().caller);
    expect(reached, json).toEqual([]);
  }
});

test("a name that comes twice is refused when it is read, so no parser finds another one", () => {
  const twice = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","n\\u0061me":"delete"}}';
  expect(() => readClientMessage(twice)).toThrow(/comes twice/);
});

const TOOL = (name: string, more = "") => `{ "name" : "${name}"${more} }`;

test("a list is without what is not offered, and everything else in it stays byte for byte", () => {
  const list = `[ ${TOOL("read_a", ',"x":1.0,"y":"\\u00e9"')} ,${TOOL("d\\u0065lete_a")},{"title":"x"},5,${TOOL("read_b")}]`;
  const { legacy, modern } = callBoth(requestOf("tools/list"), ["!delete_*", "read_*"], list);
  const kept = `[${TOOL("read_a", ',"x":1.0,"y":"\\u00e9"')},${TOOL("read_b")}]`;
  for (const { answers } of [legacy, modern])
    expect(answers).toEqual([`{"jsonrpc":"2.0","id":1,"result":{"tools":${kept},"nextCursor":"n"}}`]);
});

test("a tool without a name is not listed, as it cannot be called", () => {
  const { legacy } = callBoth(requestOf("tools/list"), ["!delete_*"], `[{"title":"x"},{"name":7},${TOOL("read")}]`);
  expect(legacy.answers[0]).toContain(`"tools":[${TOOL("read")}]`);
});

test("a list with nothing to hide is passed on as it is, in its pieces", () => {
  const got: unknown[][] = [];
  const { callers, lane } = server("[]");
  const caller = { ...modernCaller().caller, answer: (...answer: unknown[]) => void got.push(answer) };
  offeredBy("!delete_*")
    .lane(lane)
    .call(requestOf("tools/list"), caller, () => {});
  const text = `{"jsonrpc":"2.0","id":1,"result":{"tools":[${TOOL("read")}]}}`;
  callers[0]!.answer(text, undefined, [text]);
  callers[0]!.answer('{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"no"}}');
  expect(got.slice(1)).toEqual([
    [text, undefined, [text]],
    ['{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"no"}}', undefined, undefined],
  ]);
});

test.each(["{}", "null", '{"delete_a":{}}', '[{"name":"read"} {"name":"delete_a"}]'])(
  "a list that cannot be read is not passed on, because it may name what is hidden: %s",
  (list) => {
    const { legacy, modern } = callBoth(requestOf("tools/list"), ["!delete_*"], list);
    for (const { answers, errors } of [legacy, modern]) {
      expect(answers).toEqual([]);
      expect(errors).toMatchObject([{ name: "bad-answer" }]);
    }
  },
);

test("a list is cancelled by the caller that asked for it, and its caller stays who it is", () => {
  const { lane, endpoint, callers, cancelled } = server();
  const offered = offeredBy("!delete_*");
  const asked = [
    modernCaller({ logLevel: "info", address: "10.0.0.1", streams: true, thisConnectionOnly: true }).caller,
    modernCaller().caller,
  ];
  const reason = new GatewayError("cancelled");
  offered.endpoint(endpoint).call(requestOf("tools/list"), asked[0]!);
  const own = offered.lane(lane);
  own.call(requestOf("tools/list"), asked[1]!, () => {});
  offered.endpoint(endpoint).cancel(asked[0]!, reason);
  own.cancel(asked[1]!, reason);
  expect(cancelled).toEqual(callers);
  expect(cancelled[0]).not.toBe(asked[0]);
  expect(callers[0]).toMatchObject({
    logLevel: "info",
    address: "10.0.0.1",
    principal: { id: "ann" },
    streams: true,
    thisConnectionOnly: true,
  });
});

test("a pattern that matches no tool is warned of once, when the tools are known", async () => {
  const lines: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
  const offered = OfferedTools.of("files", { patterns: ["read_*", "!delet_*"] }, log)!;
  const tools = new Tools({});
  offered.checkWith(tools);
  offered.checkWith(tools);
  expect([lines, offered.countIn(tools)]).toEqual([[], undefined]);
  const result = { tools: [{ name: "read_a" }, { name: "delete_a" }, {}] };
  await tools.list({ ask: () => Promise.resolve(result) } as never);
  offered.checkWith(tools);
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    "no tool is called like !delet_*, so that pattern hides nothing. The server has read_a, delete_a.",
  ]);
  expect([offered.countIn(tools), tools.count]).toEqual([1, 3]);
});

test("where all is offered there is nothing to look at", () => {
  expect(OfferedTools.of("test", { patterns: [] }, SILENT)).toBeUndefined();
  expect(OfferedTools.of("test", { patterns: ["*"] }, SILENT)).toBeUndefined();
});
