import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { askRegistry } from "./registry.ts";

const { signal } = new AbortController();
const server = { name: "io.github.owner/server", description: "It serves", version: "1.0.0" };

/** A registry that refuses what the OpenAPI document of the real one does not have. */
async function registry(answer?: (response: ServerResponse) => void): Promise<{ base: string; asked: string[] }> {
  const asked: string[] = [];
  const listening = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (answer !== undefined) return answer(response);
    const [status, body] = answerTo(request);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(listening, "listening");
  onTestFinished(() => listening.close().closeAllConnections());
  return { base: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, asked };
}

function answerTo({ method, url = "", headers }: IncomingMessage): [number, object] {
  const [, name, version] = /^\/v0\.1\/servers\/([^/?]+)\/versions\/([^/?]+)$/.exec(url) ?? [];
  if (method !== "GET" || name === undefined || version === undefined) return [405, { title: "Method Not Allowed" }];
  if (headers.accept !== "application/json") return [406, { title: "Not Acceptable" }];
  const isKnown =
    decodeURIComponent(name) === server.name && ["latest", "1.0.0+1"].includes(decodeURIComponent(version));
  return isKnown ? [200, { server, _meta: {} }] : [404, { error: "Server not found" }];
}

test("a server is asked for by its whole name, encoded, and its latest version", async () => {
  const { base, asked } = await registry();
  expect(await askRegistry({ name: server.name }, signal, base)).toEqual(server);
  expect(await askRegistry({ name: server.name, version: "1.0.0+1" }, signal, base)).toEqual(server);
  expect(asked).toEqual([
    "GET /v0.1/servers/io.github.owner%2Fserver/versions/latest",
    "GET /v0.1/servers/io.github.owner%2Fserver/versions/1.0.0%2B1",
  ]);
});

test("one that it does not have is said so", async () => {
  const { base } = await registry();
  await expect(askRegistry({ name: "io.github.owner/none" }, signal, base)).rejects.toThrow(
    "the MCP registry has no io.github.owner/none",
  );
});

test.each<readonly [string, (response: ServerResponse) => void, string]>([
  ["fails", (response) => void response.writeHead(503).end("busy"), "answers 503"],
  ["does not speak JSON", (response) => void response.end("<html>"), "does not answer with JSON"],
  ["sends too much", (response) => void response.end("x".repeat(1_000_001)), "more than 1 MB"],
  ["cuts the connection", (response) => void response.destroy(), "cannot be reached"],
])("a registry that %s is not believed", async (_, answer, problem) => {
  const { base } = await registry(answer);
  await expect(askRegistry({ name: server.name }, signal, base)).rejects.toThrow(problem);
});
