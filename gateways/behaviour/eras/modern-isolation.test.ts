/** Modern clients that use the same ids and tokens at the same time never get each other's messages. */
import { expect } from "vitest";
import type { Received } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";
import { ModernClient, servers, type ModernOptions } from "../../fixtures/modern-client.ts";

const textOf = ({ result }: Received) => result?.content?.[0]?.text;

/** Makes calls with ids and tokens, of both types, that others use too. @returns the messages that belong to another client */
async function callMany(client: ModernClient, name: string, calls: number, atOnce: number): Promise<unknown[]> {
  const foreign: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < calls) {
      const number = next++;
      const id = number % 2 === 0 ? number : String(number - 1);
      const text = `${name}-${number}`;
      const onMessage = ({ params }: Received) => {
        if (params?.["progressToken"] !== id || params["message"] !== text) foreign.push({ id, params });
      };
      const withProgress = number % 10 < 2;
      const options: ModernOptions = withProgress ? { id, progressToken: id, onMessage } : { id };
      const answer = await client.tool(withProgress ? "progress" : "echo", { text }, options);
      if (answer.id !== id || textOf(answer) !== text) foreign.push({ id, answer });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return foreign;
}

for (const [name, settings] of servers) {
  test(
    `many callers with the same ids, 1,800 calls, ${name}: nobody gets another's message`,
    { timeout: 120_000 },
    async ({ start }) => {
      const running = await start(settings);
      const [ann, bob] = [new ModernClient(running), new ModernClient(running)];
      const session = await running.open();
      const sessions = Promise.all(
        Array.from({ length: 200 }, (_, id) => session.text("echo", { text: `${id}` }, { id })),
      );
      const foreign = await Promise.all([callMany(ann, "ann", 800, 12), callMany(bob, "bob", 800, 12)]);
      expect(foreign).toEqual([[], []]);
      expect(await sessions).toEqual(Array.from({ length: 200 }, (_, id) => `${id}`));
    },
  );

  test.concurrent(`open calls with the same id each get their own answer, ${name}`, async ({ start }) => {
    const { service, ...running } = await start(settings);
    const client = new ModernClient(running);
    const calls = [900, 600, 300].map((ms) => client.tool("slow", { ms, text: `${ms}` }, { id: "same" }));
    await until("all are open", () => service.openCalls === 3);
    expect((await Promise.all(calls)).map(textOf)).toEqual(["900", "600", "300"]);
    await until("none is open", () => service.openCalls === 0);
  });

  test.concurrent(`progress carries the token exactly as its caller wrote it, ${name}`, async ({ start }) => {
    const client = new ModernClient(await start(settings));
    const all = ["token", 0, 7, "7", "\u20ac"].map(async (progressToken) => {
      const messages: unknown[] = [];
      const onMessage = ({ params }: Received) => messages.push(params?.["progressToken"]);
      await client.text("progress", { times: 3, ms: 20 }, { id: 1, progressToken, onMessage });
      expect(messages).toEqual([progressToken, progressToken, progressToken]);
    });
    await Promise.all(all);
  });
}

test.concurrent(
  "all clients of a modern server, including legacy sessions, share its one process",
  async ({ start }) => {
    const running = await start(servers[0]![1]);
    const clients = [new ModernClient(running), new ModernClient(running), await running.open()];
    expect(new Set(await Promise.all(clients.map((client) => client.text("pid")))).size).toBe(1);
    expect(running.service.children).toBe(1);
  },
);
