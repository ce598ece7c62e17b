/** Upstreams over Streamable HTTP, of either era: every request gets one answer, and the secret goes nowhere else. */
import { gzipSync } from "node:zlib";
import { expect } from "vitest";
import {
  event,
  json,
  resultFor,
  sendForEver,
  stream,
  test,
  type RecordedLink,
  type UpstreamCall,
} from "../../fixtures/upstream.ts";

/** How a connection begins, by era; both begin with one request. */
const eras = {
  legacy: (link: RecordedLink) => link.initialize(),
  modern: (link: RecordedLink) => link.call("server/discover"),
} as const;
const begin = Object.entries(eras);

const MARK = "\ufeff";

/** The forms of a valid answer. */
const readable: Record<string, (call: UpstreamCall) => void> = {
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
  "an event stream whose media type is in mixed case": ({ res, message }) =>
    stream(res, event(resultFor(message)), { "content-type": "Text/Event-Stream ; charset=utf-8" }).end(),
};

for (const [name, answer, era, began] of begin.flatMap((era) =>
  Object.entries(readable).map((one) => [...one, ...era] as const),
)) {
  test.concurrent(`an upstream of the ${era} era may answer with ${name}`, async ({ serve, http, modern }) => {
    const { url } = await serve((call, well) => (call.message.method === "odd" ? answer(call) : well()));
    const link = (era === "modern" ? modern : http)(url);
    const { call, answers } = link;
    await began(link);
    const { result, error } = await call("odd");
    expect(result ?? { ok: error?.message === "ok" }).toEqual({ ok: true });
    expect((await call("other")).result).toEqual({ ok: true });
    expect(answers(2)).toHaveLength(1);
  });
}

const MAY_HAVE_RUN = /memory .*may have run/;

/** Invalid answers, and the error that the caller gets. */
const unreadable: Record<string, [(call: UpstreamCall) => unknown, RegExp]> = {
  "HTTP 401": [({ res }) => res.writeHead(401).end("who are you"), /asks for a login \(HTTP 401\)/],
  "HTTP 302": [
    ({ res }) => res.writeHead(302, { location: "/elsewhere" }).end(),
    /redirects to \S+\/elsewhere \(HTTP 302\)\. The call has not run/,
  ],
  "HTTP 500": [({ res }) => res.writeHead(500).end("oh"), /HTTP 500.*may have run/],
  "HTTP 500 whose body does not end": [({ res }) => res.writeHead(500).write("x"), /HTTP 500.*may have run/],
  "HTTP 500 with an endless body": [({ res }) => sendForEver(res.writeHead(500), ""), /HTTP 500.*may have run/],
  "HTTP 204": [({ res }) => res.writeHead(204).end(), MAY_HAVE_RUN],
  "a page": [({ res }) => res.writeHead(200, { "content-type": "text/html" }).end("<p>hi"), MAY_HAVE_RUN],
  "the answer to another request": [({ res }) => json(res, resultFor({ id: 999 })), MAY_HAVE_RUN],
  "two messages at once": [({ res, message }) => json(res, resultFor(message).repeat(2)), MAY_HAVE_RUN],
  "a line break in a string": [({ res, message }) => json(res, resultFor(message).replace("ok", "o\nk")), MAY_HAVE_RUN],
  "a reset": [({ res }) => res.destroy(), /memory received the call.*ECONNRESET.*may have run/],
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

for (const [name, [answer, error], era, began] of begin.flatMap((era) =>
  Object.entries(unreadable).map((one) => [...one, ...era] as const),
)) {
  test.concurrent(`${name} fails the call, and the ${era} connection goes on`, async ({ serve, http, modern }) => {
    const { url, methods } = await serve((call, well) => (call.message.method === "odd" ? void answer(call) : well()));
    const link = (era === "modern" ? modern : http)(url);
    const { call, answers, closed } = link;
    await began(link);
    expect((await call("odd")).error?.message).toMatch(error);
    expect((await call("other")).result).toEqual({ ok: true });
    expect(answers(2)).toHaveLength(1);
    expect(methods().filter((method) => method === "odd")).toHaveLength(1);
    expect(closed).toEqual([]);
  });
}

test.concurrent("an endless answer is read only a little beyond the limit", async ({ serve, http }) => {
  let sent = { bytes: 0 };
  const { url } = await serve(({ message, res }, well) =>
    message.method === "odd" ? void (sent = sendForEver(stream(res), "data: {")) : well(),
  );
  const { call, initialize } = http(url);
  await initialize();
  await call("odd");
  expect(sent.bytes).toBeLessThan(16 * 1024 * 1024); // the sockets' buffers hold bytes that were sent but not read
});

test.concurrent("an upstream that is not listening cannot be reached, and the call has not run", async ({ http }) => {
  const { call } = http("http://127.0.0.1:1/mcp");
  const { error } = await call("tools/call");
  expect(error?.message).toMatch(/memory cannot be reached: connection refused/);
  expect(error?.message).not.toMatch(/may have run/);
});

test.concurrent(
  "a secret that is not fit for a header fails the call and does not crash the gateway",
  async ({ serve, http }) => {
    const { url, calls } = await serve();
    const { call } = http(url, { headers: { authorization: "Bearer a\nb" } });
    expect((await call("tools/call")).error?.message).toMatch(/cannot be reached/);
    expect(calls).toEqual([]);
  },
);

test.concurrent("a redirect is never followed with the secret", async ({ serve, http }) => {
  const thief = await serve();
  const { url, calls } = await serve(({ verb, message, res }, well) => {
    if (verb === "POST" && message.method !== "odd") return well();
    res.writeHead(307, { location: thief.url.replace("127.0.0.1", "localhost") }).end();
  });
  const { call, initialize, link } = http(url, { headers: { "x-api-key": "secret" } });
  await initialize();
  await call("odd");
  await link.close();
  const redirected = calls.filter(({ res }) => res.statusCode === 307);
  expect(new Set(redirected.map(({ verb }) => verb))).toEqual(new Set(["POST", "GET", "DELETE"]));
  expect(redirected.every(({ headers }) => headers["x-api-key"] === "secret")).toBe(true);
  expect(thief.calls).toEqual([]);
});
