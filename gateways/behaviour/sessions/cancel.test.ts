/** Every open request can be cancelled, and every request is answered, whatever its id. */
import { expect } from "vitest";
import type { Client, Received } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";

const isolations = ["shared", "session"] as const;

const seen = async (client: Client, method: string) =>
  (await client.received()).filter((message) => message.method === method);

const textOf = ({ result }: Received) => result?.content?.[0]?.text;

for (const isolation of isolations) {
  const methods = [
    "resources/subscribe",
    "resources/unsubscribe",
    ...(isolation === "session" ? ["logging/setLevel"] : []),
  ];
  for (const method of methods) {
    test.concurrent(
      `a cancelled ${method} is answered at once, and its server is told, isolation ${isolation}`,
      async ({ start }) => {
        const { open } = await start({ service: { isolation } });
        const client = await open();
        const call = client.request(method, { uri: "a:", level: "info", ms: 60_000 }, { id: "id" });
        await until("the server has it", async () => (await seen(client, method)).length === 1);
        await client.cancel("id");
        expect((await call).error?.code).toBe(-32800);
        const [request] = await seen(client, method);
        const [cancelled] = await seen(client, "notifications/cancelled");
        expect(cancelled!.params!["requestId"]).toBe(request!.id);
        // The cancelled request does not count as done: the next one reaches the server.
        expect((await client.request(method, { uri: "a:", level: "info" })).result).toEqual({});
        expect(await seen(client, method)).toHaveLength(2);
      },
    );
  }

  test.concurrent(`two open calls with the same id are both answered, isolation ${isolation}`, async ({ start }) => {
    const { open, service } = await start({ service: { isolation } });
    const client = await open();
    const calls = [900, 300].map((ms) => client.tool("slow", { ms, text: `${ms}` }, { id: "same" }));
    await until("both are open", () => service.openCalls === 2);
    expect(textOf((await calls[1])!)).toBe("300");
    expect(service.openCalls).toBe(1); // the first one still counts as open
    expect(textOf((await calls[0])!)).toBe("900");
    await until("no call is open", () => service.openCalls === 0);
  });
}

test.concurrent("the ids that servers see cannot be guessed", async ({ start }) => {
  const { open } = await start({ service: { isolation: "session" } });
  const numbers = [];
  for (const client of [await open(), await open()]) numbers.push(Number((await seen(client, "tools/call"))[0]!.id));
  expect(Math.abs(numbers[0]! - numbers[1]!)).toBeGreaterThan(1_000);
});

test.concurrent("deleting a session ends its open calls, and a shared server is told", async ({ start }) => {
  const { open } = await start({ service: { isolation: "shared" } });
  const [leaver, other] = [await open(), await open()];
  const call = leaver.tool("slow", { ms: 60_000 });
  await until("the server has it", async () => (await seen(other, "tools/call")).some(isSlow));
  await leaver.end();
  expect((await call).error?.message).toContain("It may have run.");
  await until("the server is told", async () => (await seen(other, "notifications/cancelled")).length === 1);
});

const isSlow = ({ params }: Received) => params?.["name"] === "slow";
