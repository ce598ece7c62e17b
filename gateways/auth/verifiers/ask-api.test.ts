/** An API that misbehaves, or that somebody pretends to be. */
import { expect, test as plain, vi } from "vitest";
import { startApi, type FakeApi } from "../../fixtures/fake-api.ts";
import { askApi } from "./ask-api.ts";
import { ApiUnavailable } from "./verifier.ts";

vi.setConfig({ testTimeout: 30_000 });

const TOKEN = "token-0123456789";

/** A test that can start an API, which answers in its own way. */
const test = plain.extend<{ serve: (answer: FakeApi["answer"]) => Promise<FakeApi> }>({
  serve: ({ onTestFinished }, use) =>
    use(async (answer) => {
      const api = await startApi(onTestFinished);
      api.answer = answer;
      return api;
    }),
});

/** Why an API could not be asked. */
async function whyNot({ url }: { readonly url: string }): Promise<ApiUnavailable> {
  const error: unknown = await askApi(url, TOKEN).catch((thrown: unknown) => thrown);
  if (!(error instanceof ApiUnavailable)) throw new Error("it was asked", { cause: error });
  return error;
}

test("the token goes along as a bearer token, and the answer comes back", async ({ serve }) => {
  const api = await serve((_, res) => res.writeHead(200, { "x-limit": "1" }).end('{"id":7,"name":"Ü"}'));
  const answer = await askApi(api.url, TOKEN);
  expect(api.asked).toEqual([TOKEN]);
  expect(answer).toMatchObject({ status: 200, body: { id: 7, name: "Ü" } });
  expect(answer.header("x-limit")).toBe("1");
});

test.for([301, 302, 303, 307, 308])("HTTP %i is not followed: the token would go along", async (status, { serve }) => {
  const thief = await serve((_, res) => res.end("{}"));
  const api = await serve((_, res) => res.writeHead(status, { location: thief.url }).end());
  expect((await whyNot(api)).message).toBe(`it redirects (HTTP ${status})`);
  expect([api.asked, thief.asked]).toEqual([[TOKEN], []]);
});

test.for([
  [429, "7", 7],
  [429, undefined, undefined],
  [500, undefined, undefined],
  [503, "120", 120],
  [503, "Wed, 21 Oct 2026 07:28:00 GMT", undefined],
  [502, "-1", undefined],
] as const)("HTTP %i with Retry-After %s is an outage", async ([status, header, retryAfter], { serve }) => {
  const api = await serve((_, res) => res.writeHead(status, header ? { "retry-after": header } : {}).end("{}"));
  expect((await whyNot(api)).retryAfter).toBe(retryAfter);
});

test.for(["", "<html><body>Sign in</body></html>", "[]", "null", '"id"', "{", '{"id":7'])(
  "a body that is no object has nothing in it: %j",
  async (body, { serve }) => {
    const { url } = await serve((_, res) => res.writeHead(200, { "content-type": "text/html" }).end(body));
    expect((await askApi(url, TOKEN)).body).toEqual({});
  },
);

test("__proto__ in a body is no key of the answer's", async ({ serve }) => {
  const { url } = await serve((_, res) => res.end('{"__proto__":{"id":7}}'));
  expect((await askApi(url, TOKEN)).body["id"]).toBeUndefined();
});

test("an answer without an end is cut off", async ({ serve }) => {
  const api = await serve((_, res) => {
    res.write("{");
    const more = setInterval(() => res.write(" ".repeat(8_192)), 1);
    res.on("close", () => clearInterval(more));
  });
  expect((await whyNot(api)).message).toBe("its answer is too long");
});

test("an answer that comes byte by byte is waited for no longer than one that does not come", async ({ serve }) => {
  const slow = await serve((_, res) => {
    const more = setInterval(() => res.write(" "), 50);
    res.on("close", () => clearInterval(more));
  });
  const silent = await serve(() => {});
  const both = await Promise.all([whyNot(slow), whyNot(silent)]);
  expect(both.map(({ message }) => message)).toEqual(["no answer in 5 s", "no answer in 5 s"]);
});

test("a connection that is refused or broken off is an outage", async ({ serve }) => {
  const api = await serve((_, res) => res.destroy());
  expect((await whyNot(api)).message).not.toContain(TOKEN);
  expect((await whyNot({ url: "http://127.0.0.1:1/" })).message).toBe("ECONNREFUSED");
});
