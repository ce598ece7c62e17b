/** An API that misbehaves, or that somebody pretends to be. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test as plain, vi } from "vitest";
import { askApi } from "./ask-api.ts";
import { ApiUnavailable } from "./verifier.ts";

vi.setConfig({ testTimeout: 30_000 });

type Answer = (res: ServerResponse, req: IncomingMessage) => void;

const TOKEN = "token-0123456789";

/** A test that can start an API. */
const test = plain.extend<{ serve: (answer: Answer) => Promise<{ url: string; requests: IncomingMessage[] }> }>({
  serve: ({ onTestFinished }, use) =>
    use(async (answer) => {
      const requests: IncomingMessage[] = [];
      const server = createServer((req, res) => {
        requests.push(req);
        answer(res, req);
      });
      await once(server.listen(0, "127.0.0.1"), "listening");
      onTestFinished(() => void server.close().closeAllConnections());
      return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/me`, requests };
    }),
});

/** Why an API could not be asked. */
async function whyNot(url: string): Promise<ApiUnavailable> {
  const error: unknown = await askApi(url, TOKEN).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiUnavailable);
  expect((error as Error).message).not.toContain(TOKEN);
  return error as ApiUnavailable;
}

test("the token goes along as a bearer token, and the answer comes back", async ({ serve }) => {
  const { url, requests } = await serve((res) => res.writeHead(200, { "x-limit": "1" }).end('{"id":7,"name":"Ü"}'));
  const answer = await askApi(url, TOKEN);
  expect(requests[0]).toMatchObject({ method: "GET", headers: { authorization: `Bearer ${TOKEN}` } });
  expect(answer).toMatchObject({ status: 200, body: { id: 7, name: "Ü" } });
  expect(answer.header("x-limit")).toBe("1");
});

test.each([301, 302, 303, 307, 308])("HTTP %i is not followed: the token would go along", async (status) => {
  const seen: string[] = [];
  const servers = await Promise.all(
    [0, 1].map(async () => {
      const server = createServer((req, res) => {
        seen.push(req.url ?? "");
        const other = `http://127.0.0.1:${(servers[1]!.address() as AddressInfo).port}/stolen`;
        res.writeHead(status, { location: other }).end();
      });
      await once(server.listen(0, "127.0.0.1"), "listening");
      return server;
    }),
  );
  const { message } = await whyNot(`http://127.0.0.1:${(servers[0]!.address() as AddressInfo).port}/me`);
  for (const server of servers) server.close().closeAllConnections();
  expect(message).toBe(`it redirects (HTTP ${status})`);
  expect(seen).toEqual(["/me"]);
});

test.each([
  [429, "7", 7],
  [429, undefined, undefined],
  [500, undefined, undefined],
  [503, "120", 120],
  [503, "Wed, 21 Oct 2026 07:28:00 GMT", undefined],
  [502, "-1", undefined],
])("HTTP %i with Retry-After %s is an outage", async (status, header, retryAfter) => {
  const server = createServer((_, res) => res.writeHead(status, header ? { "retry-after": header } : {}).end("{}"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const error = await whyNot(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  server.close().closeAllConnections();
  expect(error.retryAfter).toBe(retryAfter);
});

test.each(["", "<html><body>Sign in</body></html>", "[]", "null", '"id"', "{", '{"id":7'])(
  "a body that is no object has nothing in it: %j",
  async (body) => {
    const server = createServer((_, res) => res.writeHead(200, { "content-type": "text/html" }).end(body));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const answer = await askApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, TOKEN);
    server.close().closeAllConnections();
    expect(answer.body).toEqual({});
  },
);

test("__proto__ in a body is no key of the answer's", async ({ serve }) => {
  const { url } = await serve((res) => res.end('{"__proto__":{"id":7}}'));
  expect((await askApi(url, TOKEN)).body["id"]).toBeUndefined();
});

test("an answer without an end is cut off", async ({ serve }) => {
  const { url } = await serve((res) => {
    res.write("{");
    const more = setInterval(() => res.write(" ".repeat(8_192)), 1);
    res.on("close", () => clearInterval(more));
  });
  expect((await whyNot(url)).message).toBe("its answer is too long");
});

test("an answer that comes byte by byte is not waited for longer than one that does not come", async ({ serve }) => {
  const { url } = await serve((res) => {
    const more = setInterval(() => res.write(" "), 50);
    res.on("close", () => clearInterval(more));
  });
  const silent = await serve(() => {});
  const both = await Promise.all([whyNot(url), whyNot(silent.url)]);
  expect(both.map(({ message }) => message)).toEqual(["no answer in 5 s", "no answer in 5 s"]);
});

test("a connection that is refused or broken off is an outage", async ({ serve }) => {
  const { url } = await serve((res) => res.destroy());
  expect((await whyNot(url)).message).not.toBe("");
  expect((await whyNot("http://127.0.0.1:1/")).message).toBe("ECONNREFUSED");
});
