/** Streams that break off are resumed (MCP 2025-11-25, Transports, "Resumability and Redelivery"). */
import { expect } from "vitest";
import { until } from "../../fixtures/harness.ts";
import { event, resultFor, stream, test, type UpstreamCall } from "../../fixtures/upstream.ts";

const logMessage = (data: string) => ({ jsonrpc: "2.0", method: "notifications/message", params: { data } });

const resumes = ({ headers }: UpstreamCall) => headers["last-event-id"] !== undefined;

test.concurrent(
  "a call whose stream the upstream keeps closing is polled until its answer comes",
  async ({ serve, http }) => {
    let call: UpstreamCall | undefined;
    const polled: number[] = [];
    const { url, calls } = await serve((one, well) => {
      if (one.message.method === "poll") {
        call = one;
        return void stream(one.res, `retry: 150\n${event("", "e0")}`).end();
      }
      if (!resumes(one)) return well();
      polled.push(performance.now());
      if (polled.length === 1) stream(one.res, event("", "e1")).end();
      else if (polled.length < 7) stream(one.res, event(logMessage("halfway"), `e${polled.length}`)).end();
      else stream(one.res, event(resultFor(call!.message), "e7")).end();
    });
    const { initialize, call: ask, answers, messages } = http(url);
    await initialize();
    expect((await ask("poll")).result).toEqual({ ok: true });
    expect(calls.filter(resumes).map(({ headers }) => headers["last-event-id"])).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((n) => `e${n}`),
    );
    expect(calls.filter(resumes).every(({ headers }) => headers["mcp-session-id"] === "session-1")).toBe(true);
    expect(polled[6]! - polled[5]!).toBeGreaterThan(140);
    expect(polled[6]! - polled[5]!).toBeLessThan(3_000); // the pause grows only while no event comes
    expect(answers(2)).toHaveLength(1);
    expect(messages.filter(({ method }) => method !== undefined)).toHaveLength(5);
  },
);

test.concurrent("a call whose stream is reset is resumed, and answered once", async ({ serve, http }) => {
  let call: UpstreamCall | undefined;
  const { url } = await serve((one, well) => {
    const { res, message } = one;
    if (message.method === "reset") {
      call = one;
      return void stream(res, `retry: 1\n${event(logMessage("first"), "a")}`).write("data: half", () => res.destroy());
    }
    if (!resumes(one)) return well();
    stream(res, event(resultFor(call!.message)) + event(resultFor(call!.message))).end();
  });
  const { initialize, call: ask, answers } = http(url);
  await initialize();
  expect((await ask("reset")).result).toEqual({ ok: true });
  expect(answers(2)).toHaveLength(1);
});

test.concurrent("a call whose stream cannot be resumed fails and may have run", async ({ serve, http }) => {
  const { url } = await serve(({ message, res }, well) => {
    if (message.method !== "poll") return well();
    stream(res, `retry: 1\n${event("", "a")}`).end();
  });
  const { initialize, call } = http(url);
  await initialize();
  expect((await call("poll")).error?.message).toMatch(/cannot be resumed \(HTTP 405\).*may have run/);
});

test.concurrent("a call whose stream fails again and again is given up after a few tries", async ({ serve, http }) => {
  const { url, calls } = await serve((one, well) => {
    if (one.message.method === "poll") return void stream(one.res, `retry: 1\n${event("", "a")}`).end();
    if (!resumes(one)) return well();
    one.res.writeHead(503).end();
  });
  const { initialize, call } = http(url);
  await initialize();
  expect((await call("poll")).error?.message).toMatch(/HTTP 503.*may have run/);
  expect(calls.filter(resumes)).toHaveLength(5);
});

test.concurrent("a call that is cancelled while its stream is down is not resumed", async ({ serve, http }) => {
  const { url, calls } = await serve((one, well) => {
    if (one.message.method === "poll") return void stream(one.res, `retry: 300\n${event("", "a")}`).end();
    return well();
  });
  const { initialize, send, notify, call, answers } = http(url);
  await initialize();
  send(7, "poll");
  await until("it is polled", () => calls.some(({ message }) => message.method === "poll"));
  notify("notifications/cancelled", { requestId: 7 });
  for (let times = 0; times < 5; times++) await call("other");
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(calls.filter(resumes)).toEqual([]);
  expect(answers(7)).toEqual([]);
});

test.concurrent("the session's own stream is resumed after the last event received", async ({ serve, http }) => {
  const { url, calls } = await serve(({ verb, headers, res }, well) => {
    if (verb !== "GET") return well();
    const last = Number(headers["last-event-id"] ?? 0);
    if (last === 2) return void stream(res);
    stream(res, `retry: 100\n${event(logMessage(`number ${last + 1}`), String(last + 1))}`).end();
  });
  const { initialize, messages } = http(url);
  await initialize();
  const streams = () => calls.filter(({ verb }) => verb === "GET");
  await until("the third is open", () => streams().length === 3);
  expect(streams().map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "1", "2"]);
  const notifications = messages.filter(({ method }) => method !== undefined);
  expect(notifications).toEqual([logMessage("number 1"), logMessage("number 2")]);
});

test.concurrent("a stream that keeps failing is retried after longer and longer pauses", async ({ serve, http }) => {
  const tried: number[] = [];
  const { url } = await serve(({ verb, res }, well) => {
    if (verb !== "GET") return well();
    tried.push(performance.now());
    if (tried.length === 1) return void stream(res, `retry: 100\n${event(logMessage("one"))}`).end();
    res.writeHead(502).end();
  });
  const { initialize, call, closed } = http(url);
  await initialize();
  await until("it has been tried five times", () => tried.length === 5);
  const pauses = tried.slice(1).map((at, index) => at - tried[index]!);
  expect(pauses[3]!).toBeGreaterThan(pauses[0]! * 2);
  expect((await call("other")).result).toEqual({ ok: true });
  expect(closed).toEqual([]);
});

test.concurrent(
  "an upstream that has no stream for the session is not asked again, whether it answers 405, 404 or a page",
  async ({ serve, http }) => {
    const answers = [405, 404, 200].map((status) =>
      serve(({ verb, res }, well) =>
        verb === "GET" ? void res.writeHead(status, { "content-type": "text/html" }).end() : well(),
      ),
    );
    for (const { url, calls } of await Promise.all(answers)) {
      const { initialize, call, closed } = http(url);
      await initialize();
      await call("other");
      await new Promise((resolve) => setTimeout(resolve, 1_200)); // the usual pause is one second
      expect(calls.filter(({ verb }) => verb === "GET")).toHaveLength(1);
      expect(closed).toEqual([]);
    }
  },
);

test.concurrent("a 404 for a stream that was open before means that the session has ended", async ({ serve, http }) => {
  let streams = 0;
  const { url } = await serve(({ verb, res }, well) => {
    if (verb !== "GET") return well();
    if (++streams === 1) return void stream(res, "retry: 100\n\n").end();
    res.writeHead(404).end();
  });
  const { initialize, closed } = http(url);
  await initialize();
  await until("the end of the session is reported", () => closed.length > 0);
  expect(closed).toEqual([{ reason: "its session ended (HTTP 404)", lastStderr: "", notRun: [] }]);
});
