/** Two gateways of one service: one owns a session, and clients reach it through both. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { eventsOf, isStream, type Received } from "../../fixtures/client.ts";
import { until } from "../../fixtures/harness.ts";
import { at, test } from "../../fixtures/replicas.ts";

vi.setConfig({ testTimeout: 120_000 }); // each starts several processes, and the machine may be busy

test.concurrent(
  "a session can be used through the other gateway: calls, notifications, streams, and its end",
  async ({ replica }) => {
    const [first, second] = [await replica(), await replica()];
    const client = await first.client().open();
    const elsewhere = at(second, client);
    expect([await client.text("count"), await elsewhere.text("count"), await client.text("count")]).toEqual([
      "1",
      "2",
      "3",
    ]);
    const progress: Received[] = [];
    const onMessage = (message: Received) => void progress.push(message);
    const options = { progressToken: "p", onMessage };
    expect(await elsewhere.text("progress", { times: 3, ms: 10, text: "on" }, options)).toBe("on");
    expect(progress.map(({ params }) => params?.["progress"])).toEqual([1, 2, 3]);
    expect(await elsewhere.text("big", { bytes: 3_000_000 })).toHaveLength(1_000_000);
    const stream = await elsewhere.get();
    expect(isStream(stream)).toBe(true);
    await client.tool("notify", { method: "notifications/tools/list_changed" });
    for await (const { message } of eventsOf(stream)) {
      expect(message?.method).toBe("notifications/tools/list_changed");
      break;
    }
    expect((await elsewhere.end()).status).toBe(200);
    expect((await client.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(404);
    expect((await elsewhere.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(404);
    expect(second.log.match(/AUTH session-forwarded/g)).toHaveLength(1);
  },
);

test.concurrent(
  "messages pass the other gateway as they are sent, not only when the call is over",
  async ({ replica, roll }) => {
    const [first, second] = [await replica(), await replica()];
    const client = at(second, await first.client().open());
    const params = { name: "progress", arguments: { times: 2, ms: 60_000 }, _meta: { progressToken: 1 } };
    const leave = new AbortController();
    const response = await client.post({ jsonrpc: "2.0", id: 1, method: "tools/call", params }, {}, leave.signal);
    const { value } = await eventsOf(response).next();
    expect(value).toBeDefined();
    leave.abort();
    expect(roll.all).toEqual([]);
  },
);

test.concurrent("when a client hangs up on one gateway, the stream at the other ends too", async ({ replica }) => {
  const [first, second] = [await replica(), await replica()];
  const client = await first.client().open();
  const leave = new AbortController();
  const stream = await at(second, client).get({}, leave.signal);
  expect(stream.status).toBe(200);
  leave.abort();
  // The notification waits for the next stream instead of being lost on the old one.
  const text = () => client.tool("notify", { method: "notifications/tools/list_changed" });
  await text();
  const again = await client.get();
  await text();
  for await (const { message } of eventsOf(again)) {
    expect(message?.method).toBe("notifications/tools/list_changed");
    break;
  }
});

test.concurrent("a forged or altered session id is not found", async ({ replica }) => {
  const [first, second] = [await replica(), await replica()];
  const client = await first.client().open();
  const [random, ...rest] = client.session.split(".");
  expect(client.session).toMatch(/^[\x21-\x7e]+$/);
  for (const session of [
    `${client.session.slice(0, -2)}xx`,
    ["x".repeat(random!.length), ...rest].join("."),
    client.session.replace(String(first.port), String(second.port)),
    `${client.session}x`,
    "x",
    "..",
  ]) {
    for (const gateway of [first, second]) {
      const response = await gateway
        .client({ "mcp-session-id": session })
        .post({ jsonrpc: "2.0", id: 1, method: "ping" });
      expect([response.status, ((await response.json()) as Received).error?.code]).toEqual([404, -32001]);
    }
  }
});

test.concurrent(
  "a session belongs to the principal that opened it, at every gateway and after its own gateway is gone",
  async ({ replica }) => {
    const flags = ["--token", "ann", "--token", "bob"];
    const [first, second] = [await replica({ flags }), await replica({ flags })];
    const ann = await first.client({ authorization: "Bearer ann" }).open();
    const status = async (token: string) => {
      const client = at(second, ann);
      return (await client.post({ jsonrpc: "2.0", id: 1, method: "ping" }, { authorization: `Bearer ${token}` }))
        .status;
    };
    expect([await status("ann"), await status("bob"), await status("eve")]).toEqual([200, 404, 401]);
    first.kill("SIGKILL");
    await first.exited;
    expect([await status("bob"), await status("ann"), await status("bob")]).toEqual([404, 200, 404]);
  },
);

test.concurrent(
  "a session whose gateway was killed continues at the other with its full state",
  async ({ replica }) => {
    const [first, second] = [await replica(), await replica()];
    const client = await first.client().open("2025-06-18", { roots: {} });
    await client.request("logging/setLevel", { level: "error" });
    for (const uri of ["a:", "b:"]) await client.request("resources/subscribe", { uri });
    await client.request("resources/unsubscribe", { uri: "a:" });
    first.kill("SIGKILL");
    await first.exited;
    const received = await at(second, client).received();
    expect(received.map(({ method }) => method)).toEqual([
      "initialize",
      "notifications/initialized",
      "logging/setLevel",
      "resources/subscribe",
      "tools/call",
    ]);
    expect(received[0]!.params).toMatchObject({ protocolVersion: "2025-06-18", capabilities: { roots: {} } });
    expect([received[2]!.params, received[3]!.params]).toMatchObject([{ level: "error" }, { uri: "b:" }]);
    expect(second.log).toMatch(/AUTH session-revived/);
  },
);

for (const isolation of ["session", "shared"]) {
  test.concurrent(
    `a session's subscriptions continue at the other gateway, isolation ${isolation}`,
    async ({ replica }) => {
      const flags = ["--isolation", isolation];
      const [first, second] = [await replica({ flags }), await replica({ flags })];
      const client = await first.client().open();
      await client.request("resources/subscribe", { uri: "a:" });
      first.kill("SIGKILL");
      await first.exited;
      const moved = at(second, client);
      const stream = await moved.get();
      await until("the server is told", async () =>
        (await moved.received()).some(({ method }) => method === "resources/subscribe"),
      );
      await moved.tool("notify", { method: "notifications/resources/updated", params: { uri: "a:" } });
      for await (const { message } of eventsOf(stream)) {
        expect(message?.params).toMatchObject({ uri: "a:" });
        break;
      }
    },
  );
}

test.concurrent(
  "an ending gateway hands its sessions over: no call fails, and streams end and continue at the other",
  async ({ replica }) => {
    const flags = ["--drain-delay", "1s"];
    const [first, second] = [await replica({ flags }), await replica({ flags })];
    const client = await first.client().open();
    const stream = await client.get();
    const call = client.text("slow", { ms: 2_500, text: "finished" });
    const through = at(second, client).text("slow", { ms: 2_000, text: "finished too" });
    await client.text("echo");
    first.kill("SIGTERM");
    expect([await call, await through]).toEqual(["finished", "finished too"]);
    expect(await stream.text()).not.toMatch(/data/);
    const moved = at(second, client);
    expect(await moved.text("count")).toBe("1");
    expect(await first.exited).toBe(0);
    expect(await moved.text("count")).toBe("2");
    expect((await moved.get()).status).toBe(200);
    expect(first.log).toMatch(/"reason":"handed over".*AUTH session-closed/);
  },
);

test.concurrent(
  "when two gateways want the session of a third, one gets it and the other forwards to it",
  async ({ replica }) => {
    const [first, second, third] = [await replica(), await replica(), await replica()];
    const clients = [];
    for (let opened = 0; opened < 8; opened++) clients.push(await first.client().open());
    first.kill("SIGKILL");
    await first.exited;
    const counts = clients.map((client) =>
      Promise.all(
        [at(second, client), at(third, client), at(second, client), at(third, client)].map((one) => one.text("count")),
      ),
    );
    const all = await Promise.all(counts);
    for (const numbers of all) expect(numbers.toSorted()).toEqual(["1", "2", "3", "4"]);
    const revived = [second, third].map(({ log }) => log.match(/AUTH session-revived/g)?.length ?? 0);
    expect(revived[0]! + revived[1]!).toBe(8);
  },
);

test.concurrent("with --no-revive, a session is not found once its gateway is gone", async ({ replica }) => {
  const flags = ["--no-revive"];
  const [first, second] = [await replica({ flags }), await replica({ flags })];
  const client = await first.client().open();
  const moved = at(second, client);
  expect(await moved.text("count")).toBe("1");
  first.kill("SIGKILL");
  await first.exited;
  expect((await moved.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(404);
});

test.concurrent(
  "a call whose gateway is killed is not repeated, and its caller is told that it may have run",
  async ({ replica, roll }) => {
    const [first, second] = [await replica(), await replica()];
    const client = await first.client().open();
    const moved = at(second, client);
    const call = moved.tool("held", { text: `${roll.folder}/never` }, { id: 7 });
    const streamed = moved.tool("progress", { times: 2, ms: 60_000 }, { id: 8, progressToken: 1 });
    await until("both run", async () => {
      const received = await client.received();
      return isRunning(received, "held") && isRunning(received, "progress");
    });
    first.kill("SIGKILL");
    for (const { id, error } of await Promise.all([call, streamed])) {
      expect([7, 8]).toContain(id);
      expect(error?.message).toMatch(/may have run/);
    }
    // The other gateway's server has received neither call.
    const calls = (await moved.received()).filter(({ method }) => method === "tools/call");
    expect(calls.map(({ params }) => params?.["name"])).toEqual(["received"]);
  },
);

test.concurrent(
  "a gateway that hangs does not hang its replicas: the call is refused, and has not run",
  async ({ replica }) => {
    const [first, second] = [await replica(), await replica()];
    const client = await first.client().open();
    expect(await client.text("count")).toBe("1");
    first.kill("SIGSTOP");
    const params = { name: "count" };
    const response = await at(second, client).post({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
    expect(response.status).toBe(503);
    expect(((await response.json()) as Received).error?.message).toMatch(/has not run/);
    first.kill("SIGCONT");
    expect(await client.text("count")).toBe("2");
  },
);

test.concurrent("sessions taken over from another gateway count towards the limit", async ({ replica }) => {
  const [first, second] = [await replica(), await replica({ flags: ["--max-sessions", "1"] })];
  const [one, two] = [await first.client().open(), await first.client().open()];
  first.kill("SIGKILL");
  await first.exited;
  expect(await at(second, one).text("count")).toBe("1");
  const refused = await at(second, two).post({ jsonrpc: "2.0", id: 1, method: "ping" });
  expect(refused.status).toBe(503);
  expect(await at(second, one).text("count")).toBe("2");
});

test.concurrent(
  "the secret in the state folder is made once and only its owner can read it",
  async ({ replica, state }) => {
    const gateways = await Promise.all([replica(), replica(), replica()]);
    const files = readdirSync(state);
    expect(files.filter((file) => file.includes("secret"))).toEqual(["fixture.secret"]);
    const secret = join(state, "fixture.secret");
    expect(statSync(secret).mode & 0o777).toBe(0o600);
    expect(readFileSync(secret, "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
    const client = await gateways[0].client().open();
    expect(await at(gateways[1], client).text("count")).toBe("1");
    expect(await at(gateways[2], client).text("count")).toBe("2");
  },
);

test.concurrent(
  "without a state folder a session can be used through the other gateway, and ends with its own",
  async ({ run }) => {
    const flags = ["--owner-host", "127.0.0.1", "--session-secret", "0123456789abcdef0123456789abcdef"];
    const [first, second] = [await run({ flags }), await run({ flags })];
    const client = await first.client().open();
    const moved = at(second, client);
    expect([await client.text("count"), await moved.text("count")]).toEqual(["1", "2"]);
    first.kill("SIGKILL");
    await first.exited;
    expect((await moved.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(404);
  },
);

test.concurrent("a folder that cannot be used is named, with what was expected", async ({ run }) => {
  const flags = ["--state-dir", "/dev/null/state"];
  await expect(run({ flags })).rejects.toThrow(/STATE_DIR: got \/dev\/null\/state.*expected a folder/);
});

const isRunning = (received: readonly Received[], name: string) =>
  received.some(({ params }) => params?.["name"] === name);
