import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { asJson, type ContainerLine, InOrder, merge, readLine } from "./line.ts";

const gateway = { name: "memory-mcp-gateway-0a1b2c3d", service: "memory", part: "gateway" };
const server = { name: "memory-server-4e5f6a7b", service: "memory", part: "server" };
const proxy = { name: "nginx-proxy", service: "", part: "proxy" };

const at = (second: number, from = gateway): ContainerLine =>
  readLine(`2026-11-30T12:00:0${second}.000000001Z said ${second}`, from);

test("a line has the time at which it was written, and what was written", () => {
  const text = '{"level":"info","msg":"two  spaces"}';
  expect(readLine(`2026-11-30T12:00:00.123456789Z ${text}`, gateway)).toEqual({
    at: "2026-11-30T12:00:00.123456789Z",
    text,
    from: gateway,
  });
  expect(readLine("2026-11-30T12:00:00.123456789Z", gateway).text).toBe("");
});

test("lines of several containers come in the order of time, and the last ones are kept", () => {
  const merged = merge(
    [
      [at(1), at(4), at(5)],
      [at(2, server), at(3, server)],
    ],
    4,
  );
  expect(merged.map(({ text }) => text)).toEqual(["said 2", "said 3", "said 4", "said 5"]);
  expect(merge([[at(1)]], 0)).toEqual([]);
});

test("JSON keeps its fields, and says which container wrote it", () => {
  const text = '{"level":"warn","time":"2026-11-30T12:00:00.000Z","service":"coda","msg":"hm"}';
  expect(JSON.parse(asJson({ at: "later", text, from: gateway }))).toEqual({
    level: "warn",
    time: "2026-11-30T12:00:00.000Z",
    service: "coda",
    msg: "hm",
    part: "gateway",
    container: gateway.name,
  });
});

test.each([
  ["not JSON", proxy, { msg: "not JSON", service: "nginx-proxy", part: "proxy" }],
  ["[1]", server, { msg: "[1]", service: "memory", part: "server" }],
  ["{ no", server, { msg: "{ no", service: "memory", part: "server" }],
])("what is not a record becomes a message: %s", (text, from, expected) => {
  expect(JSON.parse(asJson({ at: "2026-11-30T12:00:00Z", text, from }))).toMatchObject({
    time: "2026-11-30T12:00:00Z",
    level: "info",
    ...expected,
  });
});

test("people are told of another part than the gateway, and of no container", () => {
  const text = '{"level":"info","msg":"hm"}';
  expect(JSON.parse(asJson({ at: "now", text, from: server }, true))).not.toHaveProperty("container");
  expect(JSON.parse(asJson({ at: "now", text, from: server }, true))).toMatchObject({ part: "server" });
  expect(JSON.parse(asJson({ at: "now", text, from: gateway }, true))).not.toHaveProperty("part");
});

test("lines that are followed wait for earlier ones, and then for nobody", async () => {
  const shown: string[] = [];
  const order = new InOrder(({ text }) => shown.push(text));
  order.add(at(2));
  order.add(at(1, server));
  expect(shown).toEqual([]);
  while (shown.length < 2) await sleep(20);
  order.add(at(3));
  order.flush();
  expect(shown).toEqual(["said 1", "said 2", "said 3"]);
});
