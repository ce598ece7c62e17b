/** What passes through a proxy with the file that we render for it, in front of a real gateway. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitUntil } from "../../kit/wait.ts";
import type { ProxyName } from "../render.ts";
import { ask, authority, type Target } from "./asking.ts";
import { call, type Came, type Conversation, conversations, overHttp2, type WayIn } from "./conversations.ts";
import { HOST, LiveGateway, siteOf, TOKEN } from "./gateway.ts";
import { isInstalled } from "./programs.ts";
import { RunningProxy } from "./running-proxy.ts";

const MAX_WAIT = 60_000;
const ways = Object.keys(conversations) as WayIn[];
const authorization = { authorization: `Bearer ${TOKEN}` };
const json = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const ping = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });

/** The tests of one proxy, over HTTP and HTTPS. */
export function streams(name: ProxyName): void {
  for (const https of [false, true])
    describe.skipIf(!isInstalled(name))(`${name} over ${https ? "HTTPS" : "HTTP"}`, () => {
      let gateway: LiveGateway;
      let proxy: RunningProxy;
      let target: Target;

      beforeAll(async () => {
        gateway = await LiveGateway.start();
        proxy = await RunningProxy.start(name, { https, sites: [siteOf(gateway)], allowed: [] });
        target = proxy.target(https);
      });

      afterAll(async () => {
        await proxy?.stop();
        await gateway?.stop();
      });

      test.each(ways)("%s streams: ten events, 300 ms apart, come one by one", async (way) => {
        const session = await conversations[way](target);
        // The machine may be busy: only one that is held up by the proxy is late each time.
        expect(await waitUntil(async () => areOnTime(await tenEvents(session)), 2 * MAX_WAIT)).toBe(true);
        session.leave();
      });

      test.each(ways)("%s keeps nothing back: the server goes on when the client has answered", async (way) => {
        await takeTurns(await conversations[way](target));
      });

      test.runIf(https)("nothing is kept back over HTTP/2, either", async () => {
        await takeTurns(await overHttp2(target));
      });

      test.each(ways)("%s takes and returns 10 MB", { timeout: 240_000 }, async (way) => {
        const session = await conversations[way](target);
        const text = "x".repeat(10_000_000);
        const returned = await call(session, "echo", { text });
        session.leave();
        expect(returned === text).toBe(true);
      });

      test("a wrong token gets the gateway's 401 with its body", async () => {
        const answer = await ask(target, {
          path: "/mcp",
          headers: { ...json, authorization: "Bearer wrong" },
          body: ping,
          from: "127.0.0.2",
        });
        expect(answer).toMatchObject({
          status: 401,
          headers: { "www-authenticate": expect.stringContaining("Bearer") },
        });
        expect(JSON.parse(answer.body)).toMatchObject({ error: { message: expect.stringContaining("bearer token") } });
      });

      test("the gateway's 429 comes with its body and with Retry-After", async () => {
        const wrong = {
          path: "/mcp",
          headers: { ...json, authorization: "Bearer wrong" },
          body: ping,
          from: "127.0.0.3",
        };
        const answers = [];
        for (let attempt = 0; attempt < 15; attempt++) answers.push(await ask(target, wrong));
        const refused = answers.find(({ status }) => status === 429);
        expect(refused?.headers["retry-after"]).toMatch(/^\d+$/);
        expect(JSON.parse(refused!.body)).toMatchObject({
          error: { message: expect.stringContaining("failed logins") },
        });
      });

      test("the audit has the client's address, whatever the client writes", async () => {
        const forged = {
          "x-forwarded-for": "203.0.113.9, 127.0.0.1",
          "x-real-ip": "203.0.113.9",
          "cf-connecting-ip": "203.0.113.9",
          forwarded: "for=203.0.113.9",
        };
        const wrong = { path: "/mcp", headers: { ...json, ...forged, authorization: "Bearer wrong" }, body: ping };
        await ask(target, { ...wrong, from: "127.0.0.4" });
        expect(await waitUntil(() => gateway.log.some((line) => line.includes("127.0.0.4")), MAX_WAIT)).toBe(true);
        expect(gateway.log.filter((line) => line.includes("203.0.113.9"))).toEqual([]);
      });

      test("the gateway is asked under its own name: its own page may call, another may not", async () => {
        const from = async (origin: string) =>
          (await ask(target, { path: "/health", headers: { ...authorization, origin } })).headers;
        const own = `${https ? "https" : "http"}://${authority(target)}`;
        expect((await from(own))["access-control-allow-origin"]).toBe(own);
        expect(await from("https://other.example")).not.toHaveProperty("access-control-allow-origin");
      });

      test("answers have security headers, each once", async () => {
        const { headers } = await ask(target, { path: "/health" });
        expect(headers).toMatchObject({
          "x-content-type-options": "nosniff",
          "x-frame-options": "DENY",
        });
        // Traefik could not leave alone what a page says itself.
        expect(headers["referrer-policy"]).toBe(name === "traefik" ? undefined : "no-referrer");
        expect(headers["strict-transport-security"]).toBe(https ? "max-age=31536000" : undefined);
      });

      test("health is not in the access log, calls are", async () => {
        await ask(target, { path: "/health?not-logged" });
        await ask(target, { path: "/mcp?logged" });
        expect(await waitUntil(() => proxy.log.includes("?logged"), MAX_WAIT)).toBe(true);
        expect(proxy.log).not.toContain("not-logged");
      });

      test.skipIf(name === "apache")("a client that goes away ends its session", async () => {
        await leave(target);
        expect(await waitUntil(() => hasLeft(gateway), MAX_WAIT)).toBe(true);
      });

      // Apache sees it when it next writes to the client.
      test.runIf(name === "apache")("a client that goes away ends its session with the next heartbeats", async () => {
        const busy = await LiveGateway.start({ GANGWAY_HEARTBEAT: "1s" });
        const own = await RunningProxy.start(name, { https, sites: [siteOf(busy)], allowed: [] });
        await leave(own.target(https));
        expect(await waitUntil(() => hasLeft(busy), MAX_WAIT)).toBe(true);
        await own.stop();
        await busy.stop();
      });

      test.runIf(https)("HTTP leads to HTTPS", async () => {
        const { status, headers } = await ask({ ...target, https: false, port: proxy.httpPort }, { path: "/mcp?a=b" });
        expect({ status, location: headers.location }).toEqual({
          status: name === "traefik" ? 301 : 308, // of Traefik, 308 is for what is not a GET
          location: `https://${HOST}:${proxy.port}/mcp?a=b`,
        });
      });

      test("a gateway that restarts is found again, and told as gone until then", async () => {
        await gateway.stop();
        const gone = await ask(target, { path: "/mcp", headers: { ...json, ...authorization }, body: ping });
        expect(gone.status).toBeGreaterThanOrEqual(502);
        await gateway.start();
        expect(await waitUntil(async () => (await ask(target, { path: "/health" })).status === 200, MAX_WAIT)).toBe(
          true,
        );
        expect(await call(await conversations["/mcp"](target), "echo", { text: "again" })).toBe("again");
      });
    });
}

/** When ten events and the answer came, which the server has sent 300 ms apart. */
async function tenEvents(session: Conversation): Promise<readonly number[]> {
  const args = { times: 10, ms: 300, text: "on" };
  const params = { name: "progress", arguments: args, _meta: { progressToken: 7 } };
  const began = performance.now();
  const came = await all(session.request("tools/call", params));
  expect(came).toHaveLength(11);
  return came.map(({ at }) => at - began);
}

/** The first within a second, and no two at once. */
const areOnTime = ([first = Infinity, ...rest]: readonly number[]): boolean =>
  first < 1_000 && rest.every((at, index) => at - (rest[index - 1] ?? first) > 100);

/** Ten calls of a tool that asks the client, and waits for its answer: each event has to arrive for the next one to be sent. */
async function takeTurns(session: Conversation): Promise<void> {
  for (let turn = 0; turn < 10; turn++)
    for await (const { message } of session.request("tools/call", { name: "ask", arguments: { method: "ping" } }))
      if (message.method === "ping") await session.send({ id: message.id, result: {} });
  session.leave();
}

/** Opens a session and goes away without a word. */
async function leave(target: Target): Promise<void> {
  const session = await conversations["/sse"](target, "leaver");
  session.leave();
}

const hasLeft = ({ log }: LiveGateway) =>
  log.some((line) => line.includes("session-closed") && line.includes("leaver"));

async function all(messages: AsyncIterable<Came>): Promise<Came[]> {
  const came: Came[] = [];
  for await (const one of messages) came.push(one);
  return came;
}
