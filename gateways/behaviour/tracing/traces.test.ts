/** Traces: a span for each request between its client's and its server's, as a collector gets them. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "vitest";
import type { AtEnd } from "../../fixtures/harness.ts";
import { test, until } from "../../fixtures/harness.ts";
import { ModernClient, modernChild } from "../../fixtures/modern-client.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

const [TRACE, PARENT] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];
const traceparent = `00-${TRACE}-${PARENT}-01`;

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}

interface Received {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly spanId: string }[];
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number; readonly message?: string };
}

interface Posted {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Received[] }[];
  }[];
}

/** A collector that keeps what it is sent. */
async function collect(atEnd: AtEnd) {
  const texts: string[] = [];
  const asked: { readonly url: string | undefined; readonly headers: Readonly<Record<string, unknown>> }[] = [];
  const server = createServer((req, res) => {
    let text = "";
    req.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    req.once("end", () => {
      texts.push(text);
      asked.push({ url: req.url, headers: req.headers });
      res.end("{}");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(() => void server.close());
  const spans = () =>
    texts
      .flatMap((text) => (JSON.parse(text) as Posted).resourceSpans)
      .flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  return { otlpEndpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, texts, asked, spans };
}

const attributesOf = ({ attributes }: Received) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));

const metaOf = (message: object) => (message as { params?: { _meta?: Record<string, unknown> } }).params?._meta;

test.concurrent("client, gateway and server are in one trace", async ({ start, onTestFinished }) => {
  const { otlpEndpoint, spans, asked, texts } = await collect(onTestFinished);
  const { gateway, open } = await start({ otlpEndpoint, otlpHeaders: ["x-key=a%20b"] });
  const client = await open();
  const meta = { traceparent, tracestate: "vendor=1", baggage: "user=7" };
  await client.request("tools/call", { name: "echo", arguments: { text: "SECRET-ARGUMENT" }, _meta: meta });
  const got = (await client.received()).map(metaOf).find((one) => one?.["baggage"] !== undefined)!;
  await gateway.stop();
  const span = spans().find(({ traceId, name }) => traceId === TRACE && name === "tools/call echo")!;
  expect(span).toMatchObject({ parentSpanId: PARENT, kind: 2, status: {} });
  expect(got).toEqual({ traceparent: `00-${TRACE}-${span.spanId}-01`, tracestate: "vendor=1", baggage: "user=7" });
  expect(attributesOf(span)).toMatchObject({
    "mcp.method.name": "tools/call",
    "gen_ai.tool.name": "echo",
    "gen_ai.operation.name": "execute_tool",
    "gangway.service": "fixture",
    "gangway.session": client.session.slice(0, 6),
  });
  expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
  expect(asked[0]).toMatchObject({
    url: "/v1/traces",
    headers: { "x-key": "a b", "content-type": "application/json" },
  });
  for (const text of texts) {
    expect(text).not.toContain("SECRET-ARGUMENT");
    expect(text).not.toContain(client.session);
  }
});

test.concurrent("a request without a context begins a trace, on every way in", async ({ start, onTestFinished }) => {
  const { otlpEndpoint, spans } = await collect(onTestFinished);
  const { gateway, port } = await start({ otlpEndpoint, command: modernChild() });
  const socket = await new WebSocketClient(`ws://127.0.0.1:${port}/ws`).open();
  await socket.tool("echo");
  await new ModernClient({ port }).tool("echo");
  socket.leave();
  await gateway.stop();
  const calls = spans().filter(({ name }) => name === "tools/call echo");
  expect(calls).toHaveLength(2);
  expect(new Set(calls.map(({ traceId }) => traceId)).size).toBe(2);
  for (const { parentSpanId } of calls) expect(parentSpanId).toBeUndefined();
});

test.concurrent(
  "a header is the parent where the message has none, and else a link",
  async ({ start, onTestFinished }) => {
    const { otlpEndpoint, spans } = await collect(onTestFinished);
    const { gateway, open } = await start({ otlpEndpoint });
    const client = await open();
    const headers = { traceparent: traceparent.replace(PARENT, "00f067aa0ba902b7") };
    await client.tool("echo", {}, { headers });
    await client.request("tools/call", { name: "count", _meta: { traceparent } }, { headers });
    await gateway.stop();
    const of = (name: string) => spans().find((span) => span.name === `tools/call ${name}`);
    expect(of("echo")).toMatchObject({ traceId: TRACE, parentSpanId: "00f067aa0ba902b7" });
    expect(of("count")).toMatchObject({ parentSpanId: PARENT, links: [{ spanId: "00f067aa0ba902b7" }] });
  },
);

test.concurrent(
  "what fails says how, and what is not sampled is passed on as it came",
  async ({ start, onTestFinished }) => {
    const { otlpEndpoint, spans } = await collect(onTestFinished);
    const { gateway, open } = await start({ otlpEndpoint });
    const client = await open();
    await client.tool("no-such-tool");
    const unsampled = traceparent.replace(/01$/, "00");
    await client.request("tools/call", { name: "echo", _meta: { traceparent: unsampled } });
    const seen = (await client.received()).map(metaOf).map((meta) => meta?.["traceparent"]);
    await gateway.stop();
    expect(seen).toContain(unsampled);
    const names = spans().map(({ name, status }) => [name, status.message]);
    expect(names).toContainEqual(["tools/call no-such-tool", "-32601"]);
    expect(names).not.toContainEqual(["tools/call echo", undefined]);
  },
);

test.concurrent("a collector that is gone is told once, and nobody's call waits for it", async ({ start }) => {
  const { gateway, open, log } = await start({ otlpEndpoint: "http://127.0.0.1:9" });
  const client = await open();
  expect(await client.text("echo", { text: "served" })).toBe("served");
  await until("it is told", () => log.some((line) => line.includes("traces: the collector cannot be reached")));
  await client.tool("echo");
  await gateway.stop();
  expect(log.filter((line) => line.includes("traces: "))).toHaveLength(1);
});

test.concurrent("without an endpoint messages are passed on as they came", async ({ start }) => {
  const { open } = await start();
  const client = await open();
  await client.request("tools/call", { name: "echo", _meta: { traceparent } });
  expect((await client.received()).map(metaOf).map((meta) => meta?.["traceparent"])).toContain(traceparent);
});
