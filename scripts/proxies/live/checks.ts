/** What a proxy checks and passes on with the file that we render for it, in front of servers that tell what arrives. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitUntil } from "../../kit/wait.ts";
import { proxies, type ProxyName } from "../render.ts";
import { ask, authority, open, type Question, type Target } from "./asking.ts";
import { isInstalled } from "./programs.ts";
import { RunningProxy } from "./running-proxy.ts";
import { Upstream } from "./upstream.ts";

const HOST = "fixture.example.test";
const MAX_WAIT = 60_000;

/** Requests that all go to one of two servers, which shows that it is preferred. */
const IN_ROW = 8;

/** Of "open sesame", by bcrypt with the least work. */
const users = [{ name: "ali", hash: "$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy" }];
const authorization = `Basic ${btoa("ali:open sesame")}`;

/** The tests of one proxy, over HTTP and HTTPS. */
export function checks(name: ProxyName): void {
  for (const https of [false, true])
    describe.skipIf(!isInstalled(name))(`${name} over ${https ? "HTTPS" : "HTTP"}`, () => {
      let upstreams: readonly Upstream[];
      let proxy: RunningProxy;
      let target: Target;

      beforeAll(async () => {
        upstreams = [await Upstream.start("one"), await Upstream.start("two")];
        const servers = upstreams.map(({ port }) => `127.0.0.1:${port}`);
        const sites = [{ name: "fixture", host: HOST, servers }];
        const limit = proxies[name].limits ? { rate: 1, burst: 100 } : undefined;
        proxy = await RunningProxy.start(name, {
          https,
          sites,
          allowed: ["127.0.0.0/30", "127.1.0.0/16"],
          users,
          limit,
        });
        target = { port: proxy.port, https, host: HOST };
      });

      afterAll(async () => {
        await proxy?.stop();
        await Promise.all(upstreams.map((upstream) => upstream.stop()));
      });

      const as = (question: Partial<Question>) =>
        ask(target, { path: "/", ...question, headers: { authorization, ...question.headers } });

      const seen = () => upstreams.flatMap(({ seen }) => seen);

      test("only addresses of the list may call", async () => {
        expect((await as({ from: "127.0.0.2" })).status).toBe(200);
        expect((await as({ from: "127.0.0.9" })).status).toBe(403);
      });

      test("a password is asked for, and not passed on; health needs none", async () => {
        const refused = await ask(target, { path: "/mcp" });
        expect(refused).toMatchObject({
          status: 401,
          headers: { "www-authenticate": expect.stringMatching(/^Basic realm="?\w+"?/) },
        });
        expect((await as({ headers: { authorization: `Basic ${btoa("ali:wrong")}` } })).status).toBe(401);
        expect((await as({ path: "/with-a-password" })).status).toBe(200);
        for (const path of ["/health", "/ready", "/memory/health"])
          expect((await ask(target, { path })).status).toBe(200);
        for (const path of ["/healthy", "/mcp/memory/health", "/health/more"])
          expect((await ask(target, { path })).status).toBe(401);
        expect(seen().map(({ headers }) => headers.authorization)).toEqual(seen().map(() => undefined));
      });

      test("the gateway gets the Host of the client, and of the client's address what the proxy has seen", async () => {
        await as({
          path: "/headers",
          from: "127.0.0.2",
          headers: {
            "x-forwarded-for": "203.0.113.9",
            "x-real-ip": "203.0.113.9",
            "x-forwarded-proto": "gopher",
            "x-forwarded-host": "evil.example",
            "cf-connecting-ip": "203.0.113.9",
            forwarded: "for=203.0.113.9",
          },
        });
        const { headers } = seen().find(({ path }) => path === "/headers")!;
        expect(headers).toMatchObject({
          host: authority(target),
          "x-forwarded-for": "127.0.0.2",
          "x-real-ip": "127.0.0.2",
          "x-forwarded-proto": https ? "https" : "http",
          "x-forwarded-host": expect.stringMatching(new RegExp(`^${HOST}(:${target.port})?$`)),
        });
        expect(JSON.stringify(headers)).not.toMatch(/203\.0\.113\.9|evil|gopher/);
      });

      test("a page with a form keeps its own Referrer-Policy, without which nobody could log in, and has each header once", async () => {
        const { headers } = await as({ path: "/page" });
        expect(headers).toMatchObject({
          "referrer-policy": "same-origin",
          "x-frame-options": "DENY",
          "x-content-type-options": "nosniff",
        });
      });

      test("a request goes where fewer are open", async () => {
        const held = open(target, { path: "/held", headers: { authorization } });
        await waitUntil(() => upstreams.some(holds), MAX_WAIT);
        const free = holds(upstreams[0]!) ? "two" : "one";
        const answers: string[] = [];
        // A proxy may not have counted the end of a request yet when the next one comes. Turn by turn it is never so many in a row.
        const manyInRow = async () => {
          answers.push((await as({ path: "/turn" })).body);
          return answers.length >= IN_ROW && answers.slice(-IN_ROW).every((answer) => answer === free);
        };
        expect(await waitUntil(manyInRow, MAX_WAIT), answers.join(" ")).toBe(true);
        for (const upstream of upstreams) upstream.release();
        expect(await (await held).text()).toBe("released");
      });

      test("a POST whose connection breaks off is not sent again", async () => {
        for (let turn = 0; turn < 3; turn++) {
          const { status } = await as({ method: "POST", path: "/cut", body: "{}" });
          expect(status).toBe(502);
        }
        expect(seen().filter(({ path }) => path === "/cut")).toHaveLength(3);
      });

      test("one of two that is gone is not missed, or not for long", async () => {
        await upstreams[0]!.stop();
        const answers: string[] = [];
        const sixGood = async () => {
          answers.push((await as({ method: "POST", body: "{}" })).body);
          return answers.length >= 6 && answers.slice(-6).every((answer) => answer === "two");
        };
        expect(await waitUntil(sixGood, MAX_WAIT)).toBe(true);
        // Caddy and Traefik find out by asking, the others with the first request.
        expect(name === "caddy" || name === "traefik" || answers.length === 6).toBe(true);
      });

      test.runIf(proxies[name].limits)("an address that asks too often gets a 429, others do not", async () => {
        const often = Array.from({ length: 50 }, () => ({ path: "/often", from: "127.1.0.1" }));
        let refused: Awaited<ReturnType<typeof as>> | undefined;
        const isRefused = async () => {
          refused = (await Promise.all(often.map(as))).find(({ status }) => status === 429);
          return refused !== undefined;
        };
        expect(await waitUntil(isRefused, MAX_WAIT)).toBe(true);
        expect(refused?.headers["retry-after"]).toMatch(/^\d+$/);
        // Traefik has words of its own.
        expect(refused!.body).toMatch(name === "traefik" ? /^Too Many/ : /^\{"jsonrpc":"2.0".*"code":-32000/);
        expect((await as({ from: "127.1.0.2" })).status).toBe(200);
      });
    });
}

const holds = ({ seen }: Upstream) => seen.some(({ path }) => path === "/held");
