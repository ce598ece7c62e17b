/** Upstreams that speak HTTP+SSE, where one stream carries all answers: the same promises hold. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { Received } from "../../fixtures/client.ts";
import { until } from "../../fixtures/harness.ts";
import {
  event,
  resultFor,
  sendForEver,
  stream,
  test,
  type UpstreamCall,
  type Behaviour,
} from "../../fixtures/upstream.ts";

/** A server that names its endpoint and answers on its stream, unless the test changes how it treats a POST. */
function sse(
  post: (call: UpstreamCall, well: () => void, say: (text: string) => void) => unknown = (_, well) => well(),
): Behaviour {
  let all: UpstreamCall["res"] | undefined;
  return (call) => {
    const { verb, message, res } = call;
    if (verb === "GET") all = stream(res, "event: endpoint\ndata: /messages?session=1\n\n");
    else
      post(
        call,
        () => accept(message, res, all!),
        (text) => void all?.write(text),
      );
  };
}

function accept(message: Received, res: UpstreamCall["res"], all: UpstreamCall["res"]): void {
  res.writeHead(202).end("Accepted");
  if (message.id !== undefined) all.write(event(resultFor(message)));
}

test.concurrent(
  "over HTTP+SSE, messages after the handshake are sent only when it is done",
  async ({ serve, sse: to }) => {
    const order: string[] = [];
    const { url } = await serve(
      sse(({ message, res }, _, say) => {
        order.push(`got ${message.method}`);
        const accepted = () => {
          order.push(`accepted ${message.method}`);
          res.writeHead(202).end();
          if (message.id !== undefined) say(event(resultFor(message)));
        };
        void sleep(message.method === "notifications/initialized" ? 200 : 0).then(accepted);
      }),
    );
    const { initialize, call } = to(url);
    await initialize();
    await call("after");
    const steps = ["initialize", "notifications/initialized", "after"];
    expect(order).toEqual(steps.flatMap((method) => [`got ${method}`, `accepted ${method}`]));
  },
);

test.concurrent(
  "the secret is sent with the stream and with every POST to its endpoint",
  async ({ serve, sse: to }) => {
    const { url, calls } = await serve(sse());
    const { initialize } = to(url, { headers: { "x-api-key": "secret" } });
    await initialize();
    expect(calls.map(({ path }) => path).slice(0, 2)).toEqual(["/mcp", "/messages?session=1"]);
    expect(calls.every(({ headers }) => headers["x-api-key"] === "secret")).toBe(true);
  },
);

test.concurrent("an answer over HTTP+SSE may begin with two spaces or be in an array", async ({ serve, sse: to }) => {
  const { url } = await serve(
    sse(({ message, res }, well, say) => {
      if (message.method !== "spaces" && message.method !== "array") return well();
      res.writeHead(202).end();
      say(message.method === "spaces" ? `data:  ${resultFor(message)}\n\n` : event(`[${resultFor(message)}]`));
    }),
  );
  const { initialize, call } = to(url);
  await initialize();
  expect((await call("spaces")).result).toEqual({ ok: true });
  expect((await call("array")).result).toEqual({ ok: true });
});

const refusals: [string, (res: UpstreamCall["res"]) => unknown, RegExp][] = [
  ["HTTP 400", (res) => res.writeHead(400).end(), /answered HTTP 400/],
  ["HTTP 302", (res) => res.writeHead(302, { location: "/" }).end(), /answered HTTP 302/],
  ["HTTP 500 without an end", (res) => res.writeHead(500).write("x"), /HTTP 500.*may have run/],
  ["a reset", (res) => res.destroy(), /ECONNRESET.*may have run/],
];

for (const [name, refuse, words] of refusals) {
  test.concurrent(`${name} in answer to a POST over HTTP+SSE is one error`, async ({ serve, sse: to }) => {
    const { url } = await serve(
      sse(({ message, res }, well, say) => {
        if (message.method !== "odd") return well();
        refuse(res);
        setTimeout(() => say(event(resultFor(message))), 300); // too late
      }),
    );
    const { initialize, call, answers, closed } = to(url);
    await initialize();
    expect((await call("odd")).error?.message).toMatch(words);
    await sleep(400);
    expect((await call("other")).result).toEqual({ ok: true });
    expect(answers(2)).toHaveLength(1);
    expect(closed).toEqual([]);
  });
}

test.concurrent("an answer that came before its POST breaks off is the only one", async ({ serve, sse: to }) => {
  const { url } = await serve(
    sse(({ message, res }, well, say) => {
      if (message.method !== "odd") return well();
      say(event(resultFor(message)));
      setTimeout(() => res.destroy(), 100);
    }),
  );
  const { initialize, call, answers } = to(url);
  await initialize();
  expect((await call("odd")).result).toEqual({ ok: true });
  await sleep(200);
  expect(answers(2)).toHaveLength(1);
});

test.concurrent(
  "a cancelled call's POST over HTTP+SSE is closed after the upstream was told",
  async ({ serve, sse: to }) => {
    const { url, open, methods } = await serve(
      sse(({ message }, well) => (message.method === "hang" ? undefined : well())),
    );
    const { initialize, send, notify, call } = to(url);
    await initialize();
    send(7, "hang");
    await call("other");
    expect(open()).toBe(2);
    notify("notifications/cancelled", { requestId: 7 });
    await until("only the stream is open", () => open() === 1);
    expect(methods()).toContain("notifications/cancelled");
  },
);

/** What ends the stream, and the reason that is reported. */
const ends: [string, Behaviour, RegExp][] = [
  ["HTTP 401", ({ res }) => void res.writeHead(401).end("no"), /^HTTP 401$/],
  ["a page", ({ res }) => void res.writeHead(200, { "content-type": "text/html" }).end(), /not an event stream/],
  ["an end", ({ res }) => void stream(res).end(), /^its event stream ended$/],
  ["a reset", ({ res }) => void stream(res).write(":", () => res.destroy()), /ECONNRESET/],
  ["an event that never ends", ({ res }) => void sendForEver(stream(res), "data: {"), /more than 1048576 bytes/],
  [
    "an endpoint elsewhere",
    ({ res }) => void stream(res, "event: endpoint\ndata: http://127.0.0.1:1/\n\n"),
    /elsewhere/,
  ],
  ["an invalid endpoint", ({ res }) => void stream(res, "event: endpoint\ndata: http://[/\n\n"), /INVALID_URL/],
];

for (const [name, behave, reason] of ends) {
  test.concurrent(
    `${name} instead of the stream is reported once, and nothing stays open`,
    async ({ serve, sse: to }) => {
      const { url, open, methods } = await serve(behave);
      const { send, messages, closed } = to(url);
      send(1, "initialize");
      await until("it is reported", () => closed.length > 0);
      await until("nothing is open", () => open() === 0);
      expect(closed).toMatchObject([
        { reason: expect.stringMatching(reason) as string, hint: expect.stringMatching(/^[A-Z].*\.$/) as string },
      ]);
      expect(messages).toEqual([]);
      expect(methods()).toEqual([]);
    },
  );
}

test.concurrent("closing a link over HTTP+SSE leaves nothing open and reports nothing", async ({ serve, sse: to }) => {
  const { url, open } = await serve(sse(({ message }, well) => (message.method === "hang" ? undefined : well())));
  const { initialize, send, link, closed, messages } = to(url);
  await initialize();
  send(7, "hang");
  await until("it hangs", () => open() === 2);
  await link.close();
  await link.close();
  await until("nothing is open", () => open() === 0);
  expect(closed).toEqual([]);
  expect(messages).toHaveLength(1);
});
