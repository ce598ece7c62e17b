/** Upstreams that speak HTTP+SSE: the same promises over one stream for all answers. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { Received } from "../../fixtures/client.ts";
import { until } from "../../fixtures/harness.ts";
import { event, resultFor, sendForEver, stream, test, type Asked, type Behaviour } from "../../fixtures/upstream.ts";

/** A server that names its endpoint and answers on its stream; a test says what it does otherwise. */
function sse(
  post: (asked: Asked, well: () => void, say: (text: string) => void) => unknown = (_, well) => well(),
): Behaviour {
  let all: Asked["res"] | undefined;
  return (asked) => {
    const { verb, message, res } = asked;
    if (verb === "GET") all = stream(res, "event: endpoint\ndata: /messages?session=1\n\n");
    else
      post(
        asked,
        () => accept(message, res, all!),
        (text) => void all?.write(text),
      );
  };
}

function accept(message: Received, res: Asked["res"], all: Asked["res"]): void {
  res.writeHead(202).end("Accepted");
  if (message.id !== undefined) all.write(event(resultFor(message)));
}

test.concurrent(
  "what follows the handshake over HTTP+SSE is sent when that has been taken",
  async ({ serve, sse: to }) => {
    const order: string[] = [];
    const { url } = await serve(
      sse(({ message, res }, _, say) => {
        order.push(`got ${message.method}`);
        const taken = () => {
          order.push(`took ${message.method}`);
          res.writeHead(202).end();
          if (message.id !== undefined) say(event(resultFor(message)));
        };
        void sleep(message.method === "notifications/initialized" ? 200 : 0).then(taken);
      }),
    );
    const { greet, call } = to(url);
    await greet();
    await call("after");
    const steps = ["initialize", "notifications/initialized", "after"];
    expect(order).toEqual(steps.flatMap((method) => [`got ${method}`, `took ${method}`]));
  },
);

test.concurrent(
  "the secret goes with the stream and with what is posted to its endpoint",
  async ({ serve, sse: to }) => {
    const { url, asked } = await serve(sse());
    const { greet } = to(url, { headers: { "x-api-key": "secret" } });
    await greet();
    expect(asked.map(({ path }) => path).slice(0, 2)).toEqual(["/mcp", "/messages?session=1"]);
    expect(asked.every(({ headers }) => headers["x-api-key"] === "secret")).toBe(true);
  },
);

test.concurrent("an answer over HTTP+SSE may have two spaces, or be in an array", async ({ serve, sse: to }) => {
  const { url } = await serve(
    sse(({ message, res }, well, say) => {
      if (message.method !== "spaces" && message.method !== "array") return well();
      res.writeHead(202).end();
      say(message.method === "spaces" ? `data:  ${resultFor(message)}\n\n` : event(`[${resultFor(message)}]`));
    }),
  );
  const { greet, call } = to(url);
  await greet();
  expect((await call("spaces")).result).toEqual({ ok: true });
  expect((await call("array")).result).toEqual({ ok: true });
});

const refusals: [string, (res: Asked["res"]) => unknown, RegExp][] = [
  ["HTTP 400", (res) => res.writeHead(400).end(), /answered HTTP 400/],
  ["HTTP 302", (res) => res.writeHead(302, { location: "/" }).end(), /answered HTTP 302/],
  ["HTTP 500 without an end", (res) => res.writeHead(500).write("x"), /HTTP 500.*may have run/],
  ["a reset", (res) => res.destroy(), /ECONNRESET.*may have run/],
];

for (const [name, refuse, words] of refusals) {
  test.concurrent(`${name} to what is posted over HTTP+SSE is one error`, async ({ serve, sse: to }) => {
    const { url } = await serve(
      sse(({ message, res }, well, say) => {
        if (message.method !== "odd") return well();
        refuse(res);
        setTimeout(() => say(event(resultFor(message))), 300); // too late
      }),
    );
    const { greet, call, answers, closed } = to(url);
    await greet();
    expect((await call("odd")).error?.message).toMatch(words);
    await sleep(400);
    expect((await call("other")).result).toEqual({ ok: true });
    expect(answers(2)).toHaveLength(1);
    expect(closed).toEqual([]);
  });
}

test.concurrent("an answer that comes before its POST breaks is the only one", async ({ serve, sse: to }) => {
  const { url } = await serve(
    sse(({ message, res }, well, say) => {
      if (message.method !== "odd") return well();
      say(event(resultFor(message)));
      setTimeout(() => res.destroy(), 100);
    }),
  );
  const { greet, call, answers } = to(url);
  await greet();
  expect((await call("odd")).result).toEqual({ ok: true });
  await sleep(200);
  expect(answers(2)).toHaveLength(1);
});

test.concurrent(
  "a cancelled call's POST over HTTP+SSE is closed when the upstream has been told",
  async ({ serve, sse: to }) => {
    const { url, open, methods } = await serve(
      sse(({ message }, well) => (message.method === "hang" ? undefined : well())),
    );
    const { greet, send, tell, call } = to(url);
    await greet();
    send(7, "hang");
    await call("other");
    expect(open()).toBe(2);
    tell("notifications/cancelled", { requestId: 7 });
    await until("only the stream is open", () => open() === 1);
    expect(methods()).toContain("notifications/cancelled");
  },
);

/** What ends the stream, and what is told then. */
const ends: [string, Behaviour, RegExp][] = [
  ["HTTP 401", ({ res }) => void res.writeHead(401).end("no"), /^HTTP 401$/],
  ["a page", ({ res }) => void res.writeHead(200, { "content-type": "text/html" }).end(), /not an event stream/],
  ["an end", ({ res }) => void stream(res).end(), /^its event stream ended$/],
  ["a reset", ({ res }) => void stream(res).write(":", () => res.destroy()), /^ECONNRESET$/],
  ["an event that never ends", ({ res }) => void sendForEver(stream(res), "data: {"), /more than 1048576 bytes/],
  [
    "an endpoint elsewhere",
    ({ res }) => void stream(res, "event: endpoint\ndata: http://127.0.0.1:1/\n\n"),
    /elsewhere/,
  ],
  ["an endpoint that is none", ({ res }) => void stream(res, "event: endpoint\ndata: http://[/\n\n"), /INVALID_URL/],
];

for (const [name, behave, reason] of ends) {
  test.concurrent(
    `${name} where the stream should be is told once, and nothing stays open`,
    async ({ serve, sse: to }) => {
      const { url, open, methods } = await serve(behave);
      const { send, messages, closed } = to(url);
      send(1, "initialize");
      await until("it is told", () => closed.length > 0);
      await until("nothing is open", () => open() === 0);
      expect(closed).toEqual([{ reason: expect.stringMatching(reason) as string, lastStderr: "" }]);
      expect(messages).toEqual([]);
      expect(methods()).toEqual([]);
    },
  );
}

test.concurrent(
  "a link over HTTP+SSE that is closed leaves nothing open and tells nothing",
  async ({ serve, sse: to }) => {
    const { url, open } = await serve(sse(({ message }, well) => (message.method === "hang" ? undefined : well())));
    const { greet, send, link, closed, messages } = to(url);
    await greet();
    send(7, "hang");
    await until("it hangs", () => open() === 2);
    await link.close();
    await link.close();
    await until("nothing is open", () => open() === 0);
    expect(closed).toEqual([]);
    expect(messages).toHaveLength(1);
  },
);
