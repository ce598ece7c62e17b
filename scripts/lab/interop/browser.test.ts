/** Web pages in a real browser: those of an allowed origin can use the gateway, and those of others cannot. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tell } from "../../kit/print.ts";
import { chromium, withoutChromium } from "../../../gateways/fixtures/chromium.ts";
import { servePages, shown, type Pages } from "./browser.ts";
import { onNode, startGateway, type Gateway } from "./gateway.ts";

if (chromium === undefined) tell(`browser: skipped, ${withoutChromium}`);

/** What a page tries: the transport of EventSource, and fetch. Each is "back" when the server has answered, or a failure. */
const script = (base: string) => `
  const call = { jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "echo", arguments: { text: "back" } } };
  const initialize = { jsonrpc: "2.0", id: 1, method: "initialize", params: {} };
  const post = (url, message, headers) =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(message),
    });
  const textOf = (answer) => answer.result.content[0].text;
  const overEventSource = () => new Promise((resolve) => {
    const source = new EventSource("${base}/sse");
    source.onerror = () => resolve("refused");
    source.addEventListener("endpoint", async ({ data }) => {
      const url = new URL(data, source.url);
      source.onmessage = (event) => {
        const message = JSON.parse(event.data);
        if (message.id === 1) void post(url, call);
        if (message.id !== 2) return;
        source.close();
        resolve(textOf(message));
      };
      await post(url, initialize);
    });
  });
  const overFetch = async () => {
    const opened = await post("${base}/mcp", initialize);
    const session = opened.headers.get("mcp-session-id");
    return textOf(await (await post("${base}/mcp", call, { "mcp-session-id": session })).json());
  };
  const lives = async () => (await (await fetch("${base}/health")).json()).status;
  const refused = () => "refused";
  return {
    eventSource: await overEventSource(),
    fetch: await overFetch().catch(refused),
    health: await lives().catch(refused),
  };`;

const TOKEN = "a-token-of-this-test";

/** A page has no way to send a header with a WebSocket: its token is a subprotocol. */
const webSocketScript = (url: string, token: string) => `
  const initialize = { jsonrpc: "2.0", id: 1, method: "initialize", params: {} };
  const call = { jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "echo", arguments: { text: "back" } } };
  const socket = new WebSocket("${url}", ["mcp", "bearer.${token}"]);
  return await new Promise((resolve) => {
    socket.onerror = () => resolve("refused");
    socket.onopen = () => [initialize, call].forEach((message) => socket.send(JSON.stringify(message)));
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.id === 2) resolve(socket.protocol + " " + message.result.content[0].text);
    };
  });`;

describe.skipIf(chromium === undefined)("in Chromium, with a token, a page", () => {
  let pages: Pages;
  let gateway: Gateway;
  let url: string;

  beforeAll(async () => {
    pages = await servePages();
    const options = ["--allowed-origins", `http://listed.example:${pages.port}`, "--token", TOKEN];
    gateway = await startGateway(onNode("gateways/fixtures/child.ts"), options);
    url = gateway.url.replace("http://127.0.0.1", "ws://localhost").replace("/mcp", "/ws");
  });
  afterAll(async () => {
    pages?.close();
    await gateway?.stop();
  });

  test.each([
    ["listed.example", TOKEN, "mcp back"],
    ["localhost", TOKEN, "mcp back"],
    ["listed.example", "another-token", "refused"],
    ["other.example", TOKEN, "refused"],
    ["sub.listed.example", TOKEN, "refused"],
  ])("of %s that offers %s as a subprotocol of its WebSocket is answered: %s", async (host, token, outcome) => {
    expect(await pages.visit(host, webSocketScript(url, token))).toBe(outcome);
  });

  test("that asks by another name of this machine is refused", async () => {
    const rebound = url.replace("localhost", "rebound.example");
    expect(await pages.visit("listed.example", webSocketScript(rebound, TOKEN))).toBe("refused");
  });
});

describe.skipIf(chromium === undefined)("in Chromium, a page", () => {
  let pages: Pages;
  let gateway: Gateway;
  let base: string;

  beforeAll(async () => {
    pages = await servePages();
    const listed = ["--allowed-origins", `http://listed.example:${pages.port}`];
    gateway = await startGateway(onNode("gateways/fixtures/child.ts"), listed);
    base = gateway.url.replace("127.0.0.1", "localhost").replace("/mcp", "");
  });
  afterAll(async () => {
    pages?.close();
    await gateway?.stop();
  });

  test.each(["listed.example", "localhost", "127.0.0.1"])(
    "of %s, which may call, can with EventSource and fetch",
    async (host) => {
      expect(await pages.visit(host, script(base))).toEqual({ eventSource: "back", fetch: "back", health: "ok" });
    },
  );

  test.each(["other.example", "localhost.other.example", "sub.listed.example"])(
    "of %s can call nothing",
    async (host) => {
      expect(await pages.visit(host, script(base))).toEqual({
        eventSource: "refused",
        fetch: "refused",
        health: "refused",
      });
    },
  );

  test("that a person opens says what is there, and one whose name was made to point here is refused", async () => {
    expect(await shown(`${base}/mcp`)).toContain("<h1>child</h1>");
    const rebound = base.replace("localhost", "rebound.example");
    for (const path of ["/mcp", "/sse", "/"]) expect(await shown(rebound + path)).toContain("host-not-allowed");
  });
});
