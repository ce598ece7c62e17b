/** Real clients log in to a service of ours by their own OAuth code: by HTTP, and in Chromium through the real nginx. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { waitUntil } from "../../kit/wait.ts";
import { installed } from "./gateway.ts";
import { type Generation, logIn, type LoggedIn } from "./logging-in.ts";
import { openMcpRemote } from "./clients.ts";
import { everything } from "./servers.ts";
import { announceWays, type Way, ways } from "./ways.ts";

announceWays();

const generations: Generation[] = ["v1", "v2"];
const cases = Object.entries(ways).flatMap(([way, start]) =>
  generations.map((generation) => ({ generation, way, start: () => start(everything().command) })),
);

/** A browser whose user agrees to less the first time. */
function narrowing(own: OwnServer, scope: string) {
  const visit = visitor(own);
  let visits = 0;
  return (url: URL) => {
    if (visits++ === 0) url.searchParams.set("scope", scope);
    return visit(url);
  };
}

/** Ends a login, as its user does (RFC 7009), and waits until the gateway has heard of it. */
async function revoke({ auth, url }: Way, client: LoggedIn): Promise<void> {
  const { access_token: access, refresh_token: refresh } = client.tokens();
  const body = new URLSearchParams({ token: String(refresh), client_id: client.id() });
  expect((await fetch(`${auth.issuer}/oauth/revoke`, { method: "POST", body })).status).toBe(200);
  const headers = { authorization: `Bearer ${String(access)}` };
  await waitUntil(async () => (await fetch(url, { headers })).status === 401, 10_000);
}

describe.skipIf(!installed).each(cases)("the SDK $generation client, $way", ({ generation, start }) => {
  test("logs in, and calls a tool", async () => {
    const own = await start();
    const client = await logIn(generation, own.url, own.visit, own);
    expect(await client.tools()).toContain("echo");
    expect(await client.call("echo", { message: "hello" })).toMatchObject({ content: [{ text: "Echo: hello" }] });
    expect(client.visits()).toBe(1);
    await client.close();
  });

  test("gets a new token without its user when the old one is no longer valid", async () => {
    const own = await start();
    const client = await logIn(generation, own.url, own.visit, own);
    const { refresh_token: before } = client.tokens();
    client.expire();
    expect(await client.tools()).toContain("echo");
    expect(client.visits()).toBe(1);
    expect(client.tokens()["refresh_token"]).not.toBe(before);
    await client.close();
  });

  test("goes on in its session when its login was revoked and its user has logged in again", async () => {
    const own = await start();
    const client = await logIn(generation, own.url, own.visit, own);
    const session = client.session();
    await revoke(own, client);
    expect(await client.tools()).toContain("echo");
    expect(client.visits()).toBe(2);
    expect(client.session()).toBe(session);
    expect(session).toBeTypeOf("string");
    await client.close();
  });

  test("asks for more by itself when a tool is beyond its scopes, and goes on in its session", async () => {
    const own = await startBoth();
    const client = await logIn(generation, own.url, narrowing(own, "tools:memory:e*"));
    const session = client.session();
    expect(await client.tools()).toEqual(expect.arrayContaining(["echo", "get-sum"]));
    expect(await client.call("echo", { message: "hello" })).toMatchObject({ content: [{ text: "Echo: hello" }] });
    expect(client.visits()).toBe(1);
    if (generation === "v1") {
      // It answers a refused scope with a refresh, which cannot give it more, and does not try again by itself.
      await expect(client.call("get-sum", { a: 2, b: 3 })).rejects.toThrow("403 after trying upscoping");
      client.forgetRefreshToken();
      await client.tools();
    }
    expect(JSON.stringify(await client.call("get-sum", { a: 2, b: 3 }))).toContain("5");
    expect([client.visits(), client.session()]).toEqual([2, session]);
    expect(await client.call("echo", { message: "still" })).toMatchObject({ content: [{ text: "Echo: still" }] });
    expect(client.visits()).toBe(2);
    await client.close();
  });
});

describe.skipIf(!installed).each(Object.entries(ways))("mcp-remote, %s", (_, start) => {
  test("logs in, calls a tool, and does not ask again when it is started again", async () => {
    const own = await start(everything().command);
    const home = mkdtempSync(join(tmpdir(), "mcp-remote-"));
    const visits: Promise<unknown>[] = [];
    const onSaid = (said: string) => {
      const [url] = /http\S+response_type=code\S*/.exec(said) ?? [];
      if (url !== undefined) visits.push(own.arrive(new URL(url)));
    };
    for (const _again of ["first", "again"]) {
      const client = await openMcpRemote(own.url, home, "http-only", onSaid, own.env);
      expect(await client.call("echo", { message: "hello" })).toContain("hello");
      await client.close();
    }
    await Promise.all(visits);
    expect(visits).toHaveLength(1);
  });
});
