/** What is kept for resuming is limited, however many calls a session makes. */
import { expect } from "vitest";
import { eventsOf, type Client, type Received } from "../../fixtures/client.ts";
import { test } from "../../fixtures/process.ts";

const streamed = { headers: { accept: "text/event-stream" } };

/** Calls whose answers come as events, a few at a time. */
async function callMany(client: Client, calls: number, bytes: number): Promise<void> {
  let left = calls;
  const worker = async () => {
    while (left-- > 0) await client.text("big", { bytes }, streamed);
  };
  await Promise.all([1, 2, 3, 4].map(worker));
}

async function replayed(client: Client, lastEventId: string): Promise<Received[]> {
  const messages: Received[] = [];
  for await (const { message } of eventsOf(await client.get({ "last-event-id": lastEventId }))) messages.push(message!);
  return messages;
}

test("after 1,500 streamed answers the last can be replayed, the first cannot", async ({ start }) => {
  const { open } = await start({ service: { isolation: "shared" } });
  const client = await open();
  await callMany(client, 1, 30);
  expect(await replayed(client, "1-0")).toHaveLength(1);
  await callMany(client, 1_500, 30);
  expect(await replayed(client, "1-0")).toEqual([]);
  expect(await replayed(client, "1501-0")).toHaveLength(1);
});

test("streamed answers do not fill the gateway's memory", async ({ run }) => {
  const gateway = await run({ flags: ["--isolation", "shared"], memory: 64 });
  const client = await gateway.client().open();
  await callMany(client, 400, 256 * 1024); // 100 MiB
  expect(await client.text("count")).toBe("1");
});
