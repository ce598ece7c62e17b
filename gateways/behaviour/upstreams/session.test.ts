/** The session at an upstream: handshake, cancellation, its end by either side. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { until } from "../../fixtures/harness.ts";
import { event, json, resultFor, stream, test } from "../../fixtures/upstream.ts";

test.concurrent("what follows the handshake is sent when that has been taken", async ({ serve, http }) => {
  const order: string[] = [];
  const { url } = await serve(async ({ verb, message, res }) => {
    if (verb !== "POST") return void res.writeHead(405).end();
    order.push(`got ${message.method}`);
    if (message.method !== "after") await sleep(100);
    order.push(`took ${message.method}`);
    if (message.id === undefined) res.writeHead(202).end();
    else json(res, resultFor(message), { "mcp-session-id": "one" });
  });
  const { greet, call } = http(url);
  await greet();
  await call("after");
  const steps = ["initialize", "notifications/initialized", "after"];
  expect(order).toEqual(steps.flatMap((method) => [`got ${method}`, `took ${method}`]));
});

test.concurrent("what initialize agreed on goes with all that follows", async ({ serve, http }) => {
  const { url, asked } = await serve();
  const { greet, call, link } = http(url);
  await greet();
  await call("after");
  await until("the stream is asked for", () => asked.some(({ verb }) => verb === "GET"));
  await link.close();
  const [first, ...rest] = asked.map(({ headers }) => [headers["mcp-session-id"], headers["mcp-protocol-version"]]);
  expect(first).toEqual([undefined, undefined]);
  expect(rest).toHaveLength(4); // initialized, after, GET, DELETE
  for (const agreed of rest) expect(agreed).toEqual(["session-1", "2025-11-25"]);
});

test.concurrent(
  "an answer to initialize on a stream that stays open holds nothing up, nor open",
  async ({ serve, http }) => {
    const { url, open } = await serve(({ message, res }, well) => {
      if (message.method !== "initialize") return well();
      stream(res, event(resultFor(message)), { "mcp-session-id": "one" });
    });
    const { greet, call } = http(url);
    await greet();
    expect((await call("after")).result).toEqual({ ok: true });
    await until("its stream is closed", () => open() === 0, 8_000);
  },
);

test.concurrent("a cancelled call's POST is closed when the upstream has been told", async ({ serve, http }) => {
  const events: string[] = [];
  const { url, open } = await serve(({ message, res }, well) => {
    if (message.method === "hang") res.on("close", () => events.push("closed"));
    if (message.method === "hang") return undefined;
    if (message.method === "notifications/cancelled") events.push(`told ${String(message.params?.["requestId"])}`);
    return well();
  });
  const { greet, send, tell, call, answers, messages } = http(url);
  await greet();
  send(7, "hang");
  await call("other"); // the handshake is over: it has been sent
  tell("notifications/cancelled", { requestId: 7 });
  await until("it is closed", () => open() === 0);
  expect(events).toEqual(["told 7", "closed"]);
  expect(answers(7)).toEqual([]);
  expect(messages).toHaveLength(2);
});

test.concurrent("a call that is cancelled before the handshake is over never runs", async ({ serve, http }) => {
  const { url, methods } = await serve(async ({ message, res }) => {
    if (message.method === "initialize") await sleep(200);
    if (message.id === undefined) res.writeHead(202).end();
    else json(res, resultFor(message));
  });
  const { send, tell, answers } = http(url);
  send(1, "initialize");
  send(7, "early");
  tell("notifications/cancelled", { requestId: 7 });
  send(8, "late");
  await until("the other is answered", () => answers(8).length > 0);
  expect(methods()).toEqual(["initialize", "late"]);
});

test.concurrent(
  "a session that the upstream has ended is told once, and the call that hears of it has not run",
  async ({ serve, http }) => {
    const { url, open } = await serve(({ message, res }, well) => {
      if (message.method === "hang") return undefined;
      if (message.method !== "late") return well();
      res.writeHead(404).end();
    });
    const { greet, send, call, closed, answers } = http(url);
    await greet();
    send(7, "hang");
    const { error } = await call("late");
    expect(error?.message).toMatch(/memory had ended the session\. The call has not run/);
    expect(closed).toEqual([{ reason: "its session ended (HTTP 404)", lastStderr: "" }]);
    expect(answers(7)).toEqual([]); // its caller is told by `closed`
    send(9, "after the end");
    await until("nothing is open", () => open() === 0);
    expect(answers(9)).toEqual([]);
  },
);

test.concurrent("a link that is closed ends its session, and leaves nothing open", async ({ serve, http }) => {
  const { url, asked, open } = await serve(({ verb, message, res }, well) => {
    if (message.method === "hang") return undefined;
    if (verb !== "GET") return well();
    stream(res);
  });
  const { greet, send, link, messages, closed } = http(url, { headers: { authorization: "Bearer b" } });
  await greet();
  send(7, "hang");
  await until("both hang", () => open() === 2);
  await link.close();
  await link.close();
  await until("nothing is open", () => open() === 0);
  const farewells = asked.filter(({ verb }) => verb === "DELETE").map(({ headers }) => headers);
  expect(farewells).toMatchObject([{ "mcp-session-id": "session-1", authorization: "Bearer b" }]);
  expect(messages).toHaveLength(1);
  expect(closed).toEqual([]);
});

test.concurrent("an upstream that does not answer the farewell is not waited for", async ({ serve, http }) => {
  const { url } = await serve(({ verb }, well) => (verb === "DELETE" ? undefined : well()));
  const { greet, link } = http(url);
  await greet();
  const began = performance.now();
  await link.close();
  expect(performance.now() - began).toBeLessThan(5_000);
});

test.concurrent(
  "what cannot be read between the messages, and who throws at it, stop nothing",
  async ({ serve, http }) => {
    const { url } = await serve(({ message, res }, well) => {
      if (message.method !== "odd") return well();
      stream(res, event("ping") + event('{"id":2,oops}') + event('[{"a":1},') + event(resultFor(message))).end();
    });
    const { greet, call, answers } = http(url);
    await greet();
    expect((await call("odd")).result).toEqual({ ok: true });
    expect(answers(2)).toHaveLength(1);
  },
);

test.concurrent("an upstream may be silent for longer than an idle connection is kept", async ({ serve, http }) => {
  const { url } = await serve(({ message, res }, well) => {
    if (message.method !== "odd") return well();
    void sleep(5_000).then(() => json(res, resultFor(message)));
  });
  const { greet, call } = http(url);
  await greet();
  expect((await call("odd")).result).toEqual({ ok: true });
});
