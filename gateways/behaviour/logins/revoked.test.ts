/** What a client sees whose login ends while it is at work: an answer to whatever has arrived, never a broken connection. */
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { expect } from "vitest";
import { deferred } from "../../deferred.ts";
import { bearing, challengeIn, RESOURCE, test, type WithLogins } from "../../fixtures/logins.ts";
import { until } from "../../fixtures/harness.ts";
import { ModernClient } from "../../fixtures/modern-client.ts";
import { SseClient } from "../../fixtures/sse-client.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

const ROUNDS = 15;

/** A token of a grant of its own, which the gateway knows. */
function issue({ server }: WithLogins, round = 1): { token: string; revoke: () => void } {
  const [token, grant] = [`token-${round}`, `grant-${round}`];
  server.issue(token, { aud: RESOURCE, grant });
  return { token, revoke: () => server.revoke(grant) };
}

const INITIALIZE = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
});

const HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

/** Posts on the connection of an agent. @returns the status @throws when the connection breaks */
function post(agent: Agent, port: number, token: string): Promise<number | undefined> {
  const { promise, resolve, reject } = deferred<number | undefined>();
  const sending = request({ agent, port, method: "POST", path: "/mcp", headers: { ...HEADERS, ...bearing(token) } });
  sending.once("error", reject).once("response", (response) => {
    response.resume().once("error", reject);
    response.once("end", () => resolve(response.statusCode));
  });
  sending.end(INITIALIZE);
  return promise;
}

test("whoever calls on a kept connection while its login is revoked is answered, each time", async ({
  startWithLogins,
  onTestFinished,
}) => {
  const running = await startWithLogins();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  for (let round = 0; round < ROUNDS; round++) {
    const { token, revoke } = issue(running, round);
    expect(await post(agent, running.port, token)).toBe(200);
    const under = [post(agent, running.port, token), post(agent, running.port, token)];
    setTimeout(revoke, round % 5); // while a call is on its way, waits, runs, or has been answered
    for (const status of await Promise.all(under)) expect([200, 401]).toContain(status);
    await until("it is refused", async () => (await post(agent, running.port, token)) === 401);
  }
});

test("a call that runs is answered with 401 and where to log in; its session goes on after a new login", async ({
  startWithLogins,
}) => {
  const running = await startWithLogins();
  const { token, revoke } = issue(running);
  const client = await running.client(bearing(token)).open();
  const params = { name: "slow", arguments: { ms: 60_000, text: "late" } };
  const call = client.post({ jsonrpc: "2.0", id: 7, method: "tools/call", params });
  await client.text("echo", { text: "after the call" });
  revoke();
  const response = await call;
  expect([response.status, challengeIn(response)]).toEqual([401, expect.objectContaining({ scope: "fixture" })]);
  expect(await response.json()).toMatchObject({ id: 7, error: { data: { error: "login-required" } } });
  Object.assign(client.headers, bearing(issue(running, 2).token));
  expect(await client.text("echo", { text: "on" })).toContain("on");
});

test("a call of the modern era that runs is answered with 401", async ({ startWithLogins }) => {
  const running = await startWithLogins();
  const { token, revoke } = issue(running);
  const client = new ModernClient(running, bearing(token));
  const call = client.send("tools/call", { name: "slow", arguments: { ms: 60_000, text: "late" } });
  await client.text("echo", { text: "after the call" });
  revoke();
  expect((await call).status).toBe(401);
});

test("the request behind a stream on the same connection is answered when the stream has ended", async ({
  startWithLogins,
}) => {
  const running = await startWithLogins();
  const { token, revoke } = issue(running);
  const client = await running.client(bearing(token)).open();
  const socket = connect(running.port, "127.0.0.1").setEncoding("latin1");
  let text = "";
  socket.on("data", (chunk: string) => (text += chunk));
  const head = (method: string, more: string) =>
    `${method} /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n` +
    `Accept: application/json, text/event-stream\r\nMcp-Session-Id: ${client.session}\r\n${more}\r\n`;
  socket.write(head("GET", ""));
  await until("the stream is open", () => text.includes("text/event-stream"));
  const ping = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
  socket.write(`${head("POST", `Content-Type: application/json\r\nContent-Length: ${ping.length}\r\n`)}${ping}`);
  revoke();
  await until("the next one is answered", () => text.includes("\r\n0\r\n\r\nHTTP/1.1 "));
  const refused = head("POST", `Content-Type: application/json\r\nContent-Length: ${ping.length}\r\n`) + ping;
  socket.write(refused);
  await until("the connection goes on", () => text.includes("HTTP/1.1 401 "));
  socket.destroy();
});

test("a stream of HTTP with SSE ends in good order, and a WebSocket says why", async ({ startWithLogins }) => {
  const running = await startWithLogins();
  const { token, revoke } = issue(running);
  const sse = await new SseClient(`http://127.0.0.1:${running.port}/sse`, bearing(token)).connect();
  const socket = await new WebSocketClient(`ws://127.0.0.1:${running.port}/ws`, ["mcp"], {
    headers: bearing(token),
  }).connect();
  revoke();
  await sse.ended;
  expect(await socket.closed).toEqual({ code: 1008, reason: "the login has ended: log in and connect again" });
});
