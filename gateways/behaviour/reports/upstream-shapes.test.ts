/** The shapes in which upstreams answer, as far as the reference SDKs' clients take them. */
import { expect } from "vitest";
import { json, resultFor, stream, test, type UpstreamCall } from "../../fixtures/upstream.ts";

type Answer = (call: UpstreamCall) => void;

const sse =
  (write: (answer: string) => string, headers = {}): Answer =>
  ({ message, res }) =>
    void stream(res, write(resultFor(message)), headers).end();

const shapes: readonly (readonly [string, Answer])[] = [
  ["JSON", ({ message, res }) => void json(res, resultFor(message))],
  [
    "JSON with a charset",
    ({ message, res }) => void json(res, resultFor(message), { "content-type": "application/json; charset=utf-8" }),
  ],
  [
    "JSON in capital letters",
    ({ message, res }) => void json(res, resultFor(message), { "content-type": "Application/JSON" }),
  ],
  ["JSON without a content type", ({ message, res }) => void res.writeHead(200).end(resultFor(message))],
  [
    "JSON over several lines, with a BOM",
    ({ message, res }) => void json(res, `\ufeff${JSON.stringify(JSON.parse(resultFor(message)), null, 2)}\r\n`),
  ],
  ["JSON in a list", ({ message, res }) => void json(res, `[${resultFor(message)}]`)],
  [
    "JSON with HTTP 201",
    ({ message, res }) => void res.writeHead(201, { "content-type": "application/json" }).end(resultFor(message)),
  ],
  ["an event without a name", sse((answer) => `data: ${answer}\n\n`)],
  ["an event named message", sse((answer) => `event: message\ndata: ${answer}\n\n`)],
  ["an event with CRLF", sse((answer) => `event: message\r\ndata: ${answer}\r\n\r\n`)],
  ["an event with CR", sse((answer) => `data: ${answer}\r\r`)],
  ["an event without a space", sse((answer) => `event:message\ndata:${answer}\n\n`)],
  ["an event after a BOM", sse((answer) => `\ufeffdata: ${answer}\n\n`)],
  ["an event between comments", sse((answer) => `: hello\n\n: ping\ndata: ${answer}\n: bye\n\n`)],
  [
    "an event over several data lines",
    sse((answer) => `${JSON.stringify(JSON.parse(answer), null, 1).replace(/^/gm, "data: ")}\n\n`),
  ],
  [
    "an event after others that hold nothing",
    sse((answer) => `id: 1\n\nretry: 10\n\nid: 2\ndata:\n\ndata: ${answer}\n\n`),
  ],
  ["an event with fields that nobody knows", sse((answer) => `color: red\nid\ndata: ${answer}\n\n`)],
  [
    "an event in a stream with a charset",
    sse((answer) => `data: ${answer}\n\n`, { "content-type": "text/event-stream; charset=utf-8" }),
  ],
  [
    "an event in a stream in capital letters",
    sse((answer) => `data: ${answer}\n\n`, { "content-type": "Text/Event-Stream;x=1" }),
  ],
];

for (const [shape, answer] of shapes) {
  test.concurrent(`an upstream may answer with ${shape}`, async ({ serve, http }) => {
    const { url } = await serve((call, well) => (call.message.method === "tools/call" ? answer(call) : well()));
    const { initialize, call } = http(url);
    await initialize();
    expect((await call("tools/call")).result).toEqual({ ok: true });
    expect((await call("tools/call")).result).toEqual({ ok: true });
  });
}

const receipts: readonly (readonly [string, Answer])[] = [
  ["202", ({ res }) => void res.writeHead(202).end()],
  ["202 with a text", ({ res }) => void res.writeHead(202).end("Accepted")],
  ["200 and nothing", ({ res }) => void res.writeHead(200).end()],
  ["200 and {}", ({ res }) => void json(res, "{}")],
  ["200 and null", ({ res }) => void json(res, "null")],
  ["204", ({ res }) => void res.writeHead(204).end()],
  ["an empty stream", ({ res }) => void stream(res).end()],
];

for (const [receipt, answer] of receipts) {
  test.concurrent(`an upstream may accept a notification with ${receipt}`, async ({ serve, http }) => {
    const { url } = await serve((call, well) =>
      call.verb === "POST" && call.message.id === undefined ? answer(call) : well(),
    );
    const { initialize, call } = http(url);
    await initialize();
    expect((await call("tools/call")).result).toEqual({ ok: true });
  });
}
