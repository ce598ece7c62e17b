/** An upstream that is started again, or forgets its sessions, is noticed whatever it answers, and the sessions here go on. */
import { expect } from "vitest";
import { until, type Running, type Settings } from "../../fixtures/harness.ts";
import { event, json, resultFor, stream, test, type Behaviour, type UpstreamCall } from "../../fixtures/upstream.ts";

type Refuse = (call: UpstreamCall) => void;

const status =
  (code: number, body: object | string = ""): Refuse =>
  ({ res }) =>
    void res
      .writeHead(code, { "content-type": "application/json" })
      .end(typeof body === "string" ? body : JSON.stringify(body));

const error = (message: string, id: unknown = null) => ({ jsonrpc: "2.0", id, error: { code: -32000, message } });

const refusals: readonly (readonly [string, Refuse])[] = [
  ["404", status(404)],
  ["410", status(410)],
  ["400 with No valid session ID provided", status(400, error("Bad Request: No valid session ID provided"))],
  ["400 with Server not initialized", status(400, error("Bad Request: Server not initialized"))],
  ["400 with Mcp-Session-Id header is required", status(400, error("Bad Request: Mcp-Session-Id header is required"))],
  ["400 with plain words", status(400, "unknown session")],
  ["400 without a word", status(400)],
  ["409", status(409)],
  ["503 with words", status(503, error("session terminated"))],
  ["200 with an error", ({ message, res }) => void json(res, JSON.stringify(error("Session not found", message.id)))],
  [
    "200 with an error whose id is a text",
    ({ message, res }) => void json(res, JSON.stringify(error("Session not found", String(message.id)))),
  ],
  [
    "200 with an error in a stream",
    ({ message, res }) => void stream(res, event(error("Invalid session", message.id))).end(),
  ],
];

/** An upstream whose sessions can be forgotten, and which refuses requests that name none of those it knows. */
function forgetful(refuse: Refuse) {
  const known = new Set<string>();
  const ran: unknown[] = [];
  let opened = 0;
  const behave: Behaviour = (call, well) => {
    const { verb, message, res, headers } = call;
    if (message.method === "initialize") {
      const id = `session-${++opened}`;
      known.add(id);
      return json(res, resultFor(message), { "mcp-session-id": id });
    }
    if (verb === "GET") return res.writeHead(405).end();
    if (!known.has(String(headers["mcp-session-id"]))) return refuse(call);
    if (message.method === "tools/call") ran.push(message.params?.["name"]);
    return well();
  };
  return { behave, ran, forget: () => known.clear(), opened: () => opened };
}

const inFrontOf = (url: string, isolation: "shared" | "session"): Settings => ({
  service: { server: { kind: "http", url, headers: {} }, isolation },
});

const call = async ({ open }: Running, name: string) => (await open()).request("tools/call", { name });

for (const isolation of ["shared", "session"] as const) {
  for (const [how, refuse] of refusals) {
    test.concurrent(
      `a session that the upstream answers with ${how} is opened again, and the call runs once, isolation ${isolation}`,
      async ({ start, serve }) => {
        const upstream = forgetful(refuse);
        const { url } = await serve(upstream.behave);
        const running = await start(inFrontOf(url, isolation));
        const client = await running.open();
        expect((await client.request("tools/call", { name: "before" })).result).toEqual({ ok: true });
        upstream.forget();
        const calls = ["one", "two", "three"].map((name) => client.request("tools/call", { name }));
        for (const { result } of await Promise.all(calls)) expect(result).toEqual({ ok: true });
        expect(new Set(upstream.ran)).toEqual(new Set(["before", "one", "two", "three"]));
        expect(upstream.ran).toHaveLength(4);
        upstream.forget();
        expect((await call(running, "new session")).result).toEqual({ ok: true });
      },
    );
  }

  test.concurrent(
    `a 400 of a session that the upstream knows is no loss: it is passed on, and nothing is opened again, isolation ${isolation}`,
    async ({ start, serve }) => {
      const upstream = forgetful(status(400));
      const { url, methods } = await serve((request, well) => {
        const refused = request.message.params?.["name"] === "bad";
        return refused ? status(400, "Session not found in the calendar")(request) : upstream.behave(request, well);
      });
      const running = await start(inFrontOf(url, isolation));
      const client = await running.open();
      const opened = upstream.opened();
      for (let time = 0; time < 3; time++)
        expect((await client.request("tools/call", { name: "bad" })).error?.message).toMatch(/HTTP 400/);
      expect((await client.request("tools/call", { name: "good" })).result).toEqual({ ok: true });
      expect(upstream.opened()).toBe(opened);
      expect(methods().filter((method) => method === "ping")).toHaveLength(1);
    },
  );

  test.concurrent(
    `an upstream that refuses every call and its own ping with 400 is not opened for ever, isolation ${isolation}`,
    async ({ start, serve }) => {
      const { url, methods } = await serve(({ message, res }, well) =>
        /^(tools\/call|ping)$/.test(message.method ?? "") ? res.writeHead(400).end() : well(),
      );
      const running = await start(inFrontOf(url, isolation));
      const client = await running.open();
      for (let time = 0; time < 10; time++)
        expect((await client.request("tools/call", { name: "x" })).error?.message).toMatch(/HTTP 400/);
      expect(methods().filter((method) => method === "initialize").length).toBeLessThan(6);
    },
  );

  test.concurrent(
    `an upstream that loses every session at once is told of, not asked for ever, isolation ${isolation}`,
    async ({ start, serve }) => {
      const { url, methods } = await serve(({ message, res }, well) =>
        message.method === "tools/call" ? res.writeHead(404).end() : well(),
      );
      const running = await start(inFrontOf(url, isolation));
      const { error: refused } = await call(running, "x");
      expect(refused?.message).toMatch(/ended the session\. The call has not run/);
      expect(methods().filter((method) => method === "tools/call")).toHaveLength(2);
    },
  );

  test.concurrent(
    `a call whose connection is reset may have run, and the next one opens the session again, isolation ${isolation}`,
    async ({ start, serve }) => {
      const upstream = forgetful(status(400, "unknown session"));
      const { url } = await serve((request, well) => {
        if (request.message.params?.["name"] !== "reset") return upstream.behave(request, well);
        upstream.forget();
        return request.res.destroy();
      });
      const running = await start(inFrontOf(url, isolation));
      const client = await running.open();
      expect((await client.request("tools/call", { name: "reset" })).error?.message).toMatch(/may have run/);
      await until(
        "it goes on",
        async () => (await client.request("tools/call", { name: "after" })).result !== undefined,
      );
      expect(upstream.ran).toEqual(["after"]);
    },
  );
}

const outages: readonly (readonly [string, Refuse])[] = [
  ["closes every connection", ({ res }) => void res.destroy()],
  ["answers 503", status(503)],
  ["answers nothing", () => {}],
];

for (const isolation of ["shared", "session"] as const) {
  for (const [what, outage] of outages) {
    test.concurrent(
      `/ready is 503 while the upstream ${what} and 200 again afterwards, although nobody calls, isolation ${isolation}`,
      async ({ start, serve }) => {
        let down = false;
        const upstream = forgetful(status(404));
        const { url } = await serve((request, well) => (down ? outage(request) : upstream.behave(request, well)));
        const running = await start({
          ...inFrontOf(url, isolation),
          service: { ...inFrontOf(url, isolation).service, startTimeout: 2_000 },
        });
        const ready = async (expected: number) => (await running.probe("/ready")).status === expected;
        expect(await ready(200)).toBe(true);
        down = true;
        await until("it is not ready", () => ready(503));
        upstream.forget();
        down = false;
        await until("it is ready again", () => ready(200));
        expect((await call(running, "after")).result).toEqual({ ok: true });
      },
    );
  }
}
