/** The session with an upstream: the handshake, cancellation, and its end by either side. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { until } from "../../fixtures/harness.ts";
import { event, json, resultFor, stream, test } from "../../fixtures/upstream.ts";

test.concurrent("messages after the handshake are sent only when it is done", async ({ serve, http }) => {
  const order: string[] = [];
  const { url } = await serve(async ({ verb, message, res }) => {
    if (verb !== "POST") return void res.writeHead(405).end();
    order.push(`got ${message.method}`);
    if (message.method !== "after") await sleep(100);
    order.push(`accepted ${message.method}`);
    if (message.id === undefined) res.writeHead(202).end();
    else json(res, resultFor(message), { "mcp-session-id": "one" });
  });
  const { initialize, call } = http(url);
  await initialize();
  await call("after");
  const steps = ["initialize", "notifications/initialized", "after"];
  expect(order).toEqual(steps.flatMap((method) => [`got ${method}`, `accepted ${method}`]));
});

test.concurrent(
  "the session id and protocol version are sent with every request after initialize",
  async ({ serve, http }) => {
    const { url, calls } = await serve();
    const { initialize, call, link } = http(url);
    await initialize();
    await call("after");
    await until("the stream is requested", () => calls.some(({ verb }) => verb === "GET"));
    await link.close();
    const [first, ...rest] = calls.map(({ headers }) => [headers["mcp-session-id"], headers["mcp-protocol-version"]]);
    expect(first).toEqual([undefined, undefined]);
    expect(rest).toHaveLength(4); // initialized, after, GET, DELETE
    for (const agreed of rest) expect(agreed).toEqual(["session-1", "2025-11-25"]);
  },
);

test.concurrent(
  "an answer to initialize on a stream that stays open delays nothing, and the stream is closed",
  async ({ serve, http }) => {
    const { url, open } = await serve(({ message, res }, well) => {
      if (message.method !== "initialize") return well();
      stream(res, event(resultFor(message)), { "mcp-session-id": "one" });
    });
    const { initialize, call } = http(url);
    await initialize();
    expect((await call("after")).result).toEqual({ ok: true });
    await until("its stream is closed", () => open() === 0, 8_000);
  },
);

test.concurrent("a cancelled call's POST is closed after the upstream was told", async ({ serve, http }) => {
  const events: string[] = [];
  const { url, open } = await serve(({ message, res }, well) => {
    if (message.method === "hang") res.on("close", () => events.push("closed"));
    if (message.method === "hang") return undefined;
    if (message.method === "notifications/cancelled") events.push(`told ${String(message.params?.["requestId"])}`);
    return well();
  });
  const { initialize, send, notify, call, answers, messages } = http(url);
  await initialize();
  send(7, "hang");
  await call("other"); // when it is answered, the call before it has been sent
  notify("notifications/cancelled", { requestId: 7 });
  await until("it is closed", () => open() === 0);
  expect(events).toEqual(["told 7", "closed"]);
  expect(answers(7)).toEqual([]);
  expect(messages).toHaveLength(2);
});

test.concurrent("a call that is cancelled before the handshake is done never runs", async ({ serve, http }) => {
  const { url, methods } = await serve(async ({ message, res }) => {
    if (message.method === "initialize") await sleep(200);
    if (message.id === undefined) res.writeHead(202).end();
    else json(res, resultFor(message));
  });
  const { send, notify, answers } = http(url);
  send(1, "initialize");
  send(7, "early");
  notify("notifications/cancelled", { requestId: 7 });
  send(8, "late");
  await until("the other is answered", () => answers(8).length > 0);
  expect(methods()).toEqual(["initialize", "late"]);
});

test.concurrent(
  "a session that the upstream has ended is reported once, and the call that found out has not run",
  async ({ serve, http }) => {
    const { url, open } = await serve(({ message, res }, well) => {
      if (message.method === "hang") return undefined;
      if (message.method !== "late") return well();
      res.writeHead(404).end();
    });
    const { initialize, send, closed, answers } = http(url);
    await initialize();
    send(7, "hang");
    send(8, "late");
    await until("it is reported", () => closed.length > 0);
    expect(closed).toHaveLength(1);
    expect(closed[0]).toMatchObject({
      reason: "its session ended (HTTP 404)",
      notRun: [expect.stringContaining("late")],
    });
    expect([answers(7), answers(8)]).toEqual([[], []]); // `closed` answers their callers
    send(9, "after the end");
    await until("nothing is open", () => open() === 0);
    expect(answers(9)).toEqual([]);
  },
);

test.concurrent("closing a link ends its session and leaves nothing open", async ({ serve, http }) => {
  const { url, calls, open } = await serve(({ verb, message, res }, well) => {
    if (message.method === "hang") return undefined;
    if (verb !== "GET") return well();
    stream(res);
  });
  const { initialize, send, link, messages, closed } = http(url, { headers: { authorization: "Bearer b" } });
  await initialize();
  send(7, "hang");
  await until("both hang", () => open() === 2);
  await link.close();
  await link.close();
  await until("nothing is open", () => open() === 0);
  const deletes = calls.filter(({ verb }) => verb === "DELETE").map(({ headers }) => headers);
  expect(deletes).toMatchObject([{ "mcp-session-id": "session-1", authorization: "Bearer b" }]);
  expect(messages).toHaveLength(1);
  expect(closed).toEqual([]);
});

test.concurrent(
  "closing does not wait long for an upstream that does not answer the DELETE",
  async ({ serve, http }) => {
    const { url } = await serve(({ verb }, well) => (verb === "DELETE" ? undefined : well()));
    const { initialize, link } = http(url);
    await initialize();
    const began = performance.now();
    await link.close();
    expect(performance.now() - began).toBeLessThan(5_000);
  },
);

test.concurrent("garbage between the messages is skipped", async ({ serve, http }) => {
  const { url } = await serve(({ message, res }, well) => {
    if (message.method !== "odd") return well();
    stream(res, event("ping") + event('{"id":2,oops}') + event('[{"a":1},') + event(resultFor(message))).end();
  });
  const { initialize, call, answers } = http(url);
  await initialize();
  expect((await call("odd")).result).toEqual({ ok: true });
  expect(answers(2)).toHaveLength(1);
});

test.concurrent("an upstream may take longer to answer than an idle connection is kept", async ({ serve, http }) => {
  const { url } = await serve(({ message, res }, well) => {
    if (message.method !== "odd") return well();
    void sleep(5_000).then(() => json(res, resultFor(message)));
  });
  const { initialize, call } = http(url);
  await initialize();
  expect((await call("odd")).result).toEqual({ ok: true });
});
