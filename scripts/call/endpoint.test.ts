import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createRaw } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { connect, NotAllowed } from "./endpoint.ts";

interface Request {
  readonly id?: unknown;
  readonly method: string;
  readonly params?: { readonly cursor?: string; readonly requestId?: unknown; readonly [name: string]: unknown };
}

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

type Answer = { readonly status?: number; readonly result?: object; readonly headers?: Record<string, string> };

/** A server at a path of its own. @returns its URL, and the requests that came */
async function serve(answer: (request: Request, head: IncomingMessage) => Answer | undefined) {
  const seen: Request[] = [];
  const respond = async (req: IncomingMessage, res: ServerResponse) => {
    const body = await text(req);
    const request = body === "" ? { method: req.method ?? "" } : (JSON.parse(body) as Request);
    seen.push(request);
    const given = answer(request, req);
    if (given === undefined) return;
    const { status = given.result ? 200 : 202, result, headers = {} } = given;
    res.writeHead(status, { "content-type": "application/json", ...headers });
    const error = { code: -32_601, message: "no such method" };
    res.end(JSON.stringify({ jsonrpc: "2.0", id: request.id ?? null, ...(result ? { result } : { error }) }));
  };
  server = createServer((req, res) => {
    void respond(req, res);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server?.once("listening", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/path?key=1`, seen };
}

const during = () => ({ signal: new AbortController().signal, onProgress: () => {} });
const hello = { protocolVersion: "2025-06-18", capabilities: {}, serverInfo: { name: "s", version: "1" } };

test("a server of an older revision without sessions is called at its own path", async () => {
  const paths = new Set<string | undefined>();
  const { url, seen } = await serve(({ method, params }, { url: path }) => {
    paths.add(path);
    if (method === "initialize") return { result: hello };
    if (method === "tools/list")
      return { result: params?.cursor ? { tools: [{ name: "b" }] } : { tools: [{ name: "a" }], nextCursor: "2" } };
    return method === "tools/call" ? { result: { content: [{ type: "text", text: "hi" }] } } : {};
  });
  const endpoint = await connect(url, undefined);
  expect((await endpoint.tools()).map(({ name }) => name)).toEqual(["a", "b"]);
  expect(await endpoint.call("a", {}, during())).toEqual({ content: [{ type: "text", text: "hi" }] });
  await endpoint.close();
  expect([...paths]).toEqual(["/some/path?key=1"]);
  expect(seen.map(({ method }) => method)).not.toContain("DELETE");
});

test("a server that knows no sessions is called as 2026-07-28 has it", async () => {
  const { url } = await serve(({ method }) => {
    if (method === "initialize") return { status: 400 };
    if (method === "server/discover") return { result: { supportedVersions: ["2026-07-28"] } };
    return { result: method === "tools/list" ? { tools: [{ name: "a" }] } : { content: [] } };
  });
  const endpoint = await connect(url, "secret");
  expect(await endpoint.tools()).toEqual([{ name: "a" }]);
  expect(await endpoint.call("a", {}, during())).toEqual({ content: [] });
  await endpoint.close();
});

test("a cancelled call is cancelled at the server, too", async () => {
  const { url, seen } = await serve(({ method }) => {
    if (method === "initialize") return { result: hello, headers: { "mcp-session-id": "s" } };
    return method === "tools/call" ? undefined : {};
  });
  const endpoint = await connect(url, undefined);
  const cancelling = new AbortController();
  const called = endpoint.call("slow", {}, { signal: cancelling.signal, onProgress: () => {} });
  await expect.poll(() => seen.some(({ method }) => method === "tools/call")).toBe(true);
  cancelling.abort();
  await expect(called).rejects.toThrow("no answer");
  const id = seen.find(({ method }) => method === "tools/call")?.id;
  expect(seen.find(({ method }) => method === "notifications/cancelled")?.params?.requestId).toBe(id);
});

test("who needs a token is told so, and who is not there", async () => {
  const { url } = await serve(() => ({ status: 401 }));
  await expect(connect(url, undefined)).rejects.toThrow(NotAllowed);
  await expect(connect("http://127.0.0.1:1/mcp", undefined)).rejects.toThrow(
    "nobody answers at http://127.0.0.1:1/mcp (connection refused)",
  );
});

/** Something that answers every connection with these bytes. */
async function answering(bytes: string): Promise<string> {
  const raw = createRaw((socket) => void socket.on("error", () => {}).end(bytes)).listen(0, "127.0.0.1");
  onTestFinished(() => void raw.close());
  await once(raw, "listening");
  return `http://127.0.0.1:${(raw.address() as AddressInfo).port}/mcp`;
}

const ok = (type: string, length: number) =>
  `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n`;

test.each([
  ["a page", `${ok("text/html", 6)}<html>`, "answers, but not as an MCP endpoint: not JSON: <html>"],
  ["nothing", ok("application/json", 0), "answers, but not as an MCP endpoint: an empty answer"],
  [
    "half an answer",
    `${ok("application/json", 500)}{"json`,
    "answers, but not as an MCP endpoint: the connection was cut",
  ],
  ["another place", "HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n", "not as an MCP endpoint: initialize: HTTP 302"],
  ["another protocol", "SSH-2.0-x\r\n", "(it does not speak HTTP)"],
  ["a closed connection", "", "(the connection was cut)"],
])("who answers with %s is told in our words", async (_, bytes, expected) => {
  const url = await answering(bytes);
  const problem = await connect(url, undefined).then(String, (error: Error) => error.message);
  expect(problem).toContain(expected);
  expect(problem).toContain(url);
});

test("who never answers is not waited for without an end", async () => {
  const { url } = await serve(() => undefined);
  await expect(connect(url, undefined, 50)).rejects.toThrow(
    `nobody answers at ${url} (it has said nothing for too long)`,
  );
});

test("of a list of tools, what has no name is left out, and a list that never comes is not waited for", async () => {
  const lists = [[null, 5, "x", {}, { name: 5 }, [], { name: "a", description: null }], undefined];
  const { url } = await serve(({ method }) => {
    if (method === "initialize") return { result: hello };
    if (method !== "tools/list") return {};
    const tools = lists.shift();
    return tools && { result: { tools } };
  });
  const endpoint = await connect(url, undefined, 2_000);
  expect(await endpoint.tools()).toEqual([{ name: "a", description: null }]);
  await expect(endpoint.tools()).rejects.toThrow("no answer: it has said nothing for too long");
});
