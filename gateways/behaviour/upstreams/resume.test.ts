/** Streams that break off are taken up again where they did (MCP 2025-11-25, Transports, "Resumability and Redelivery"). */
import { expect } from "vitest";
import { until } from "../../fixtures/harness.ts";
import { event, resultFor, stream, test, type Asked } from "../../fixtures/upstream.ts";

const news = (data: string) => ({ jsonrpc: "2.0", method: "notifications/message", params: { data } });

const resumes = ({ headers }: Asked) => headers["last-event-id"] !== undefined;

test.concurrent("a call that the upstream wants polled is polled until its answer comes", async ({ serve, http }) => {
  let call: Asked | undefined;
  const polled: number[] = [];
  const { url, asked } = await serve((one, well) => {
    if (one.message.method === "poll") {
      call = one;
      return void stream(one.res, `retry: 150\n${event("", "e0")}`).end();
    }
    if (!resumes(one)) return well();
    polled.push(performance.now());
    if (polled.length === 1) stream(one.res, event("", "e1")).end();
    else if (polled.length < 7) stream(one.res, event(news("halfway"), `e${polled.length}`)).end();
    else stream(one.res, event(resultFor(call!.message), "e7")).end();
  });
  const { greet, call: ask, answers, messages } = http(url);
  await greet();
  expect((await ask("poll")).result).toEqual({ ok: true });
  expect(asked.filter(resumes).map(({ headers }) => headers["last-event-id"])).toEqual(
    [0, 1, 2, 3, 4, 5, 6].map((n) => `e${n}`),
  );
  expect(asked.filter(resumes).every(({ headers }) => headers["mcp-session-id"] === "session-1")).toBe(true);
  expect(polled[6]! - polled[5]!).toBeGreaterThan(140);
  expect(polled[6]! - polled[5]!).toBeLessThan(3_000); // only what is in vain is tried later each time
  expect(answers(2)).toHaveLength(1);
  expect(messages.filter(({ method }) => method !== undefined)).toHaveLength(5);
});

test.concurrent("a call whose stream was reset is taken up again, and answered once", async ({ serve, http }) => {
  let call: Asked | undefined;
  const { url } = await serve((one, well) => {
    const { res, message } = one;
    if (message.method === "reset") {
      call = one;
      return void stream(res, `retry: 1\n${event(news("first"), "a")}`).write("data: half", () => res.destroy());
    }
    if (!resumes(one)) return well();
    stream(res, event(resultFor(call!.message)) + event(resultFor(call!.message))).end();
  });
  const { greet, call: ask, answers } = http(url);
  await greet();
  expect((await ask("reset")).result).toEqual({ ok: true });
  expect(answers(2)).toHaveLength(1);
});

test.concurrent("a call whose stream cannot be taken up again may have run", async ({ serve, http }) => {
  const { url } = await serve(({ message, res }, well) => {
    if (message.method !== "poll") return well();
    stream(res, `retry: 1\n${event("", "a")}`).end();
  });
  const { greet, call } = http(url);
  await greet();
  expect((await call("poll")).error?.message).toMatch(/cannot be resumed \(HTTP 405\).*may have run/);
});

test.concurrent("a call whose stream is taken up in vain is given up after a few tries", async ({ serve, http }) => {
  const { url, asked } = await serve((one, well) => {
    if (one.message.method === "poll") return void stream(one.res, `retry: 1\n${event("", "a")}`).end();
    if (!resumes(one)) return well();
    one.res.writeHead(503).end();
  });
  const { greet, call } = http(url);
  await greet();
  expect((await call("poll")).error?.message).toMatch(/HTTP 503.*may have run/);
  expect(asked.filter(resumes)).toHaveLength(5);
});

test.concurrent("a call that is cancelled while its stream is down is taken up no more", async ({ serve, http }) => {
  const { url, asked } = await serve((one, well) => {
    if (one.message.method === "poll") return void stream(one.res, `retry: 300\n${event("", "a")}`).end();
    return well();
  });
  const { greet, send, tell, call, answers } = http(url);
  await greet();
  send(7, "poll");
  await until("it is polled", () => asked.some(({ message }) => message.method === "poll"));
  tell("notifications/cancelled", { requestId: 7 });
  for (let round = 0; round < 5; round++) await call("other");
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(asked.filter(resumes)).toEqual([]);
  expect(answers(7)).toEqual([]);
});

test.concurrent(
  "the stream that no call owns is opened again after the last event that came",
  async ({ serve, http }) => {
    const { url, asked } = await serve(({ verb, headers, res }, well) => {
      if (verb !== "GET") return well();
      const last = Number(headers["last-event-id"] ?? 0);
      if (last === 2) return void stream(res);
      stream(res, `retry: 100\n${event(news(`number ${last + 1}`), String(last + 1))}`).end();
    });
    const { greet, messages } = http(url);
    await greet();
    const streams = () => asked.filter(({ verb }) => verb === "GET");
    await until("the third is open", () => streams().length === 3);
    expect(streams().map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "1", "2"]);
    const heard = messages.filter(({ method }) => method !== undefined);
    expect(heard).toEqual([news("number 1"), news("number 2")]);
  },
);

test.concurrent("a stream that fails is tried again, later each time", async ({ serve, http }) => {
  const tried: number[] = [];
  const { url } = await serve(({ verb, res }, well) => {
    if (verb !== "GET") return well();
    tried.push(performance.now());
    if (tried.length === 1) return void stream(res, `retry: 100\n${event(news("one"))}`).end();
    res.writeHead(502).end();
  });
  const { greet, call, closed } = http(url);
  await greet();
  await until("it has been tried five times", () => tried.length === 5);
  const pauses = tried.slice(1).map((at, index) => at - tried[index]!);
  expect(pauses[3]!).toBeGreaterThan(pauses[0]! * 2);
  expect((await call("other")).result).toEqual({ ok: true });
  expect(closed).toEqual([]);
});

test.concurrent(
  "an upstream without that stream is not asked again, be its answer 405, 404 or a page",
  async ({ serve, http }) => {
    const answers = [405, 404, 200].map((status) =>
      serve(({ verb, res }, well) =>
        verb === "GET" ? void res.writeHead(status, { "content-type": "text/html" }).end() : well(),
      ),
    );
    for (const { url, asked } of await Promise.all(answers)) {
      const { greet, call, closed } = http(url);
      await greet();
      await call("other");
      await new Promise((resolve) => setTimeout(resolve, 1_200)); // the usual pause is one second
      expect(asked.filter(({ verb }) => verb === "GET")).toHaveLength(1);
      expect(closed).toEqual([]);
    }
  },
);

test.concurrent("a stream that was there and is gone tells that the session is", async ({ serve, http }) => {
  let streams = 0;
  const { url } = await serve(({ verb, res }, well) => {
    if (verb !== "GET") return well();
    if (++streams === 1) return void stream(res, "retry: 100\n\n").end();
    res.writeHead(404).end();
  });
  const { greet, closed } = http(url);
  await greet();
  await until("the session is told to be over", () => closed.length > 0);
  expect(closed).toEqual([{ reason: "its session ended (HTTP 404)", lastStderr: "" }]);
});
