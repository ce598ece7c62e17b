/** Upstreams over Streamable HTTP: whatever one answers, each request gets one answer, and a secret goes nowhere else. */
import { gzipSync } from "node:zlib";
import { expect } from "vitest";
import { event, json, resultFor, sendForEver, stream, test, type Asked } from "../../fixtures/upstream.ts";

const MARK = "\ufeff";

/** How a good answer may look. */
const readable: Record<string, (asked: Asked) => void> = {
  "JSON on one line": ({ res, message }) => json(res, resultFor(message)),
  "JSON on several lines": ({ res, message }) => json(res, JSON.stringify(JSON.parse(resultFor(message)), null, 2)),
  "JSON behind a byte order mark": ({ res, message }) => json(res, MARK + resultFor(message)),
  "JSON in an array": ({ res, message }) => json(res, `[${resultFor(message)}]`),
  "JSON that is compressed": ({ res, message }) => {
    res.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
    res.end(gzipSync(resultFor(message)));
  },
  "an error with the status 400": ({ res, message: { id } }) =>
    res.writeHead(400).end(JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32602, message: "ok" } })),
  "an event": ({ res, message }) => stream(res, event(resultFor(message))).end(),
  "an event with two spaces": ({ res, message }) => stream(res, `data:  ${resultFor(message)}\n\n`).end(),
  "an event over several lines": ({ res, message }) =>
    stream(res, `data: ${resultFor(message).replaceAll(",", ",\ndata: ")}\n\n`).end(),
  "an event behind a byte order mark": ({ res, message }) => stream(res, MARK + event(resultFor(message))).end(),
  "an event whose stream stays open": ({ res, message }) => stream(res, event(resultFor(message))),
  "an event of a media type in other letters": ({ res, message }) =>
    stream(res, event(resultFor(message)), { "content-type": "Text/Event-Stream ; charset=utf-8" }).end(),
};

for (const [name, answer] of Object.entries(readable)) {
  test.concurrent(`an upstream may answer with ${name}`, async ({ serve, http }) => {
    const { url } = await serve((asked, well) => (asked.message.method === "odd" ? answer(asked) : well()));
    const { call, greet, answers } = http(url);
    await greet();
    const { result, error } = await call("odd");
    expect(result ?? { ok: error?.message === "ok" }).toEqual({ ok: true });
    expect((await call("other")).result).toEqual({ ok: true });
    expect(answers(2)).toHaveLength(1);
  });
}

const MAY_HAVE_RUN = /memory .*may have run/;

/** What is no answer, and what the caller reads then. */
const unreadable: Record<string, [(asked: Asked) => unknown, RegExp]> = {
  "HTTP 401": [({ res }) => res.writeHead(401).end("who are you"), /answered HTTP 401/],
  "HTTP 302": [({ res }) => res.writeHead(302, { location: "/elsewhere" }).end(), /answered HTTP 302/],
  "HTTP 500": [({ res }) => res.writeHead(500).end("oh"), /HTTP 500.*may have run/],
  "HTTP 500 whose body does not end": [({ res }) => res.writeHead(500).write("x"), /HTTP 500.*may have run/],
  "HTTP 500 with an endless body": [({ res }) => sendForEver(res.writeHead(500), ""), /HTTP 500.*may have run/],
  "HTTP 204": [({ res }) => res.writeHead(204).end(), MAY_HAVE_RUN],
  "a page": [({ res }) => res.writeHead(200, { "content-type": "text/html" }).end("<p>hi"), MAY_HAVE_RUN],
  "the answer to another request": [({ res }) => json(res, resultFor({ id: 999 })), MAY_HAVE_RUN],
  "two messages at once": [({ res, message }) => json(res, resultFor(message).repeat(2)), MAY_HAVE_RUN],
  "a line break in a string": [({ res, message }) => json(res, resultFor(message).replace("ok", "o\nk")), MAY_HAVE_RUN],
  "a reset": [({ res }) => res.destroy(), /memory got the call.*ECONNRESET.*may have run/],
  "a response that is cut off": [
    ({ res }) => res.writeHead(200, { "content-length": 99 }).write("{", () => res.destroy()),
    MAY_HAVE_RUN,
  ],
  "a stream without the answer": [({ res }) => stream(res).end(), /ended without an answer.*may have run/],
  "an event that never ends": [
    ({ res }) => sendForEver(stream(res), "data: {"),
    /more than 1048576 bytes.*may have run/,
  ],
  "JSON that never ends": [
    ({ res }) => sendForEver(res.writeHead(200, { "content-type": "application/json" }), '{"a":"'),
    /more than 1048576 bytes.*may have run/,
  ],
};

for (const [name, [answer, words]] of Object.entries(unreadable)) {
  test.concurrent(`${name} is an error, and the session goes on`, async ({ serve, http }) => {
    const { url } = await serve((asked, well) => (asked.message.method === "odd" ? void answer(asked) : well()));
    const { call, greet, answers, closed } = http(url);
    await greet();
    expect((await call("odd")).error?.message).toMatch(words);
    expect((await call("other")).result).toEqual({ ok: true });
    expect(answers(2)).toHaveLength(1);
    expect(closed).toEqual([]);
  });
}

test.concurrent(
  "of what an upstream sends without end only a little more than the limit is read",
  async ({ serve, http }) => {
    let sent = { bytes: 0 };
    const { url } = await serve(({ message, res }, well) =>
      message.method === "odd" ? void (sent = sendForEver(stream(res), "data: {")) : well(),
    );
    const { call, greet } = http(url);
    await greet();
    await call("odd");
    expect(sent.bytes).toBeLessThan(16 * 1024 * 1024); // what the sockets hold is sent but not read
  },
);

test.concurrent("an upstream that does not listen cannot be reached, and no call has run", async ({ http }) => {
  const { call } = http("http://127.0.0.1:1/mcp");
  const { error } = await call("tools/call");
  expect(error?.message).toMatch(/memory cannot be reached: ECONNREFUSED/);
  expect(error?.message).not.toMatch(/may have run/);
});

test.concurrent("a secret that cannot be a header is an error that says so, not a crash", async ({ serve, http }) => {
  const { url, asked } = await serve();
  const { call } = http(url, { headers: { authorization: "Bearer a\nb" } });
  expect((await call("tools/call")).error?.message).toMatch(/cannot be reached/);
  expect(asked).toEqual([]);
});

test.concurrent("a redirect takes the secret nowhere, whatever was asked", async ({ serve, http }) => {
  const thief = await serve();
  const { url, asked } = await serve(({ verb, message, res }, well) => {
    if (verb === "POST" && message.method !== "odd") return well();
    res.writeHead(307, { location: thief.url.replace("127.0.0.1", "localhost") }).end();
  });
  const { call, greet, link } = http(url, { headers: { "x-api-key": "secret" } });
  await greet();
  await call("odd");
  await link.close();
  const redirected = asked.filter(({ res }) => res.statusCode === 307);
  expect(new Set(redirected.map(({ verb }) => verb))).toEqual(new Set(["POST", "GET", "DELETE"]));
  expect(redirected.every(({ headers }) => headers["x-api-key"] === "secret")).toBe(true);
  expect(thief.asked).toEqual([]);
});
