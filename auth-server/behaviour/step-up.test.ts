/** A login for some tools: all are listed, a call of another one says what to ask for, and the same session goes on with more. */
import { describe, expect } from "vitest";
import { Client, type Received, type ToolClient } from "../../gateways/fixtures/client.ts";
import { test, type Running } from "../../gateways/fixtures/harness.ts";
import { challengeIn } from "../../gateways/fixtures/logins.ts";
import { ModernClient } from "../../gateways/fixtures/modern-client.ts";
import { SseClient } from "../../gateways/fixtures/sse-client.ts";
import { WebSocketClient } from "../../gateways/fixtures/web-socket-client.ts";
import { OAuthClient } from "../fixtures/client.ts";
import { secretOf, startAuth, type RunningAuth } from "../fixtures/server.ts";
import { MEMORY } from "../fixtures/services.ts";

const bearing = (token: string) => ({ authorization: `Bearer ${token}` });

const loginsAt = ({ issuer }: RunningAuth, service = "memory") => ({
  auth: ["oauth" as const],
  authIssuer: issuer,
  authSecret: secretOf(service),
  publicUrl: `https://${service}.example.org/mcp`,
});

const namesOf = ({ result }: Received) => (result!["tools"] as { name: string }[]).map(({ name }) => name);
const call = (name: string) => ({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: {} } });

/** A gateway, its server, and a client that has asked for some tools. */
async function begin(start: (settings?: object) => Promise<Running>, scope = "tools:memory:e*") {
  const server = await startAuth();
  const running = await start({ service: { name: "memory", ...loginsAt(server) } });
  const login = new OAuthClient(server.issuer);
  const token = async (wanted: string) => (await login.login({ resource: MEMORY, scope: wanted })).access_token;
  return { server, running, token, first: await token(scope) };
}

test("a session lists all, is told what a call needs, and goes on when that has been granted", async ({ start }) => {
  const { running, token, first } = await begin(start);
  const client = await running.client(bearing(first)).open();
  expect(namesOf(await client.request("tools/list"))).toEqual(expect.arrayContaining(["echo", "env", "count"]));
  expect(await client.text("echo", { text: "granted" })).toContain("granted");
  const refused = await client.post(call("count"));
  const { scope, ...challenge } = challengeIn(refused);
  expect([refused.status, challenge, scope]).toEqual([
    403,
    {
      error: "insufficient_scope",
      resource_metadata: expect.stringContaining("/.well-known/oauth-protected-resource") as string,
    },
    "tools:memory:e* tools:memory:count",
  ]);
  Object.assign(client.headers, bearing(await token(scope!)));
  expect(await client.text("count")).toBe("1");
  expect(await client.text("echo", { text: "kept" })).toContain("kept"); // what was granted before is not lost
  expect((await client.post(call("pid"))).status).toBe(403);
});

test("a modern request is refused in the same way, and the next one goes through with the new token", async ({
  start,
}) => {
  const { running, token, first } = await begin(start);
  const client = new ModernClient(running, bearing(first));
  expect(namesOf(await client.request("tools/list"))).toContain("count");
  const refused = await client.send("tools/call", { name: "count", arguments: {} });
  expect([refused.status, challengeIn(refused)["error"]]).toEqual([403, "insufficient_scope"]);
  Object.assign(client.headers, bearing(await token(challengeIn(refused)["scope"]!)));
  expect(await client.text("count")).toBe("1");
});

describe("where answers come on a stream the error names the scope", () => {
  test("on /sse, which goes on with the new token", async ({ start }) => {
    const { running, token, first } = await begin(start);
    const client = await new SseClient(`http://127.0.0.1:${running.port}/sse`, bearing(first)).open();
    const { error } = await client.tool("count");
    expect(error?.data).toMatchObject({ error: "insufficient-scope", scope: "tools:memory:e* tools:memory:count" });
    Object.assign(client.headers, bearing(await token((error!.data as { scope: string }).scope)));
    expect(await client.text("count")).toBe("1");
    client.leave();
  });

  test("on /ws, which is opened anew with the new token", async ({ start }) => {
    const { running, token, first } = await begin(start);
    const open = (access: string) =>
      new WebSocketClient(`ws://127.0.0.1:${running.port}/ws`, ["mcp"], { headers: bearing(access) }).open();
    const client = await open(first);
    const { error } = await client.tool("count");
    expect(error?.data).toMatchObject({ error: "insufficient-scope", scope: "tools:memory:e* tools:memory:count" });
    client.leave();
    const again = await open(await token((error!.data as { scope: string }).scope));
    expect(await again.text("count")).toBe("1");
    again.leave();
  });
});

describe("several services as one", () => {
  const child = {
    command: process.execPath,
    args: [new URL("../../gateways/fixtures/child.ts", import.meta.url).pathname],
  };

  test.for(["legacy", "modern"])("a group asks for scopes of its own, of a %s client", async (era, { start }) => {
    const server = await startAuth({ resources: [{ service: "memory", groups: ["all"] }, { service: "all" }] });
    const running = await start({
      servers: {
        memory: { ...child, ...loginsAt(server) },
        all: { group: ["memory"], ...loginsAt(server, "all") },
      },
    });
    const login = new OAuthClient(server.issuer);
    const token = async (scope: string) =>
      (await login.login({ resource: "https://all.example.org/mcp", scope })).access_token;
    const url = `http://127.0.0.1:${running.port}/all/mcp`;
    const headers = bearing(await token("tools:all:memory_e*"));
    const client: ToolClient<object> =
      era === "modern" ? new ModernClient(running, headers, "/all/mcp") : await new Client(url, headers).open();
    expect(namesOf(await client.request("tools/list"))).toContain("memory_count");
    expect(await client.text("memory_echo", { text: "granted" })).toContain("granted");
    const { error } = await client.tool("memory_count");
    expect(error?.data).toMatchObject({ scope: "tools:all:memory_e* tools:all:memory_count" });
    Object.assign(headers, bearing(await token((error!.data as { scope: string }).scope)));
    expect(await client.text("memory_count")).toBe("1");
  });

  test("so does the hub", async ({ start }) => {
    const server = await startAuth({ resources: [{ service: "memory", groups: ["hub"] }, { service: "hub" }] });
    const { auth, ...top } = loginsAt(server, "hub");
    const running = await start({
      servers: { memory: { ...child, ...loginsAt(server) } },
      top: { ...top, auth },
    });
    const login = new OAuthClient(server.issuer);
    const token = async (scope: string) =>
      (await login.login({ resource: "https://hub.example.org/mcp", scope })).access_token;
    const client = await running.client(bearing(await token("tools:hub:memory_e*"))).open();
    expect(namesOf(await client.request("tools/list"))).toContain("memory_count");
    expect(await client.text("memory_echo", { text: "granted" })).toContain("granted");
    const refused = await client.post(call("memory_count"));
    expect([refused.status, challengeIn(refused)["scope"]]).toEqual([
      403,
      "tools:hub:memory_e* tools:hub:memory_count",
    ]);
    Object.assign(client.headers, bearing(await token(challengeIn(refused)["scope"]!)));
    expect(await client.text("memory_count")).toBe("1");
  });
});
