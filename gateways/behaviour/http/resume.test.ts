/** A stream that breaks off can be resumed: nothing is lost and nothing comes twice. */
import { expect } from "vitest";
import { eventsOf, type Client, type Received } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";

/** What a client has received of one stream, over any number of connections. */
interface Reading {
  readonly messages: Received[];
  lastId: string;
}

/** Reads a response to its end, or breaks the connection after so many messages. */
async function read(response: Response, reading: Reading, breakAfter = Infinity): Promise<void> {
  let read = 0;
  for await (const { id, message } of eventsOf(response)) {
    if (id !== undefined) reading.lastId = id;
    if (message) reading.messages.push(message);
    if (message && ++read === breakAfter) return; // ends the iteration, which cancels the body
  }
}

/** A call that reports progress ten times. */
const callFor = (client: Client, ms: number) =>
  client.post({
    jsonrpc: "2.0",
    id: "call",
    method: "tools/call",
    params: { name: "progress", arguments: { times: 10, ms }, _meta: { progressToken: "token" } },
  });

const resume = (client: Client, { lastId }: Reading) => client.get({ "last-event-id": lastId });

function expectWhole({ messages }: Reading): void {
  const progress = messages.slice(0, -1).map(({ params }) => params?.["progress"]);
  expect(progress).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(messages.at(-1)).toMatchObject({ id: "call", result: {} });
}

for (const isolation of ["shared", "session"] as const) {
  test(`a call's stream that keeps breaking off is resumed without a gap, isolation ${isolation}`, async ({
    start,
  }) => {
    const { open } = await start({ service: { isolation } });
    const client = await open();
    const reading = { messages: [], lastId: "" };
    await read(await callFor(client, 40), reading, 2);
    await read(await resume(client, reading), reading, 3);
    await read(await resume(client, reading), reading, 1);
    await read(await resume(client, reading), reading);
    expectWhole(reading);
  });
}

test("an answer that came while its client was away is sent when it resumes, and then the stream ends", async ({
  start,
}) => {
  const { open, service } = await start({ service: { isolation: "shared" } });
  const client = await open();
  const reading = { messages: [], lastId: "" };
  await read(await callFor(client, 10), reading, 1);
  await until("the call is over", () => service.openCalls === 0);
  await read(await resume(client, reading), reading);
  expectWhole(reading);
});

test("a client that got only the priming event can resume from it", async ({ start }) => {
  const { open } = await start({ service: { isolation: "shared" } });
  const client = await open();
  const events = eventsOf(await callFor(client, 20));
  const priming = (await events.next()).value!;
  expect(priming.message).toBeUndefined();
  await events.return(undefined);
  const reading = { messages: [], lastId: priming.id! };
  await read(await resume(client, reading), reading);
  expectWhole(reading);
});

test("a client that resumes before its old connection is known to be dead gets everything once", async ({ start }) => {
  const { open } = await start({ service: { isolation: "shared" } });
  const client = await open();
  const reading = { messages: [], lastId: "" };
  const old = eventsOf(await callFor(client, 40));
  for (let seen = 0; seen < 3; seen++) {
    const { id, message } = (await old.next()).value!;
    reading.lastId = id!;
    if (message) (reading.messages as Received[]).push(message);
  }
  await read(await resume(client, reading), reading);
  expectWhole(reading);
});

test("the session's own stream is resumed without a gap too", async ({ start }) => {
  const { open } = await start();
  const client = await open();
  const reading: Reading = { messages: [], lastId: "" };
  const say = async (data: number) => {
    const params = { level: "info", data };
    // The call accepts only JSON, so the notification goes to the session's own stream.
    await client.text(
      "notify",
      { method: "notifications/message", params },
      { headers: { accept: "application/json" } },
    );
  };
  const first = read(await client.get(), reading, 1);
  await say(1);
  await first;
  await say(2);
  await say(3);
  const second = read(await resume(client, reading), reading, 3);
  await say(4);
  await second;
  expect(reading.messages.map(({ params }) => params?.["data"])).toEqual([1, 2, 3, 4]);
});

test("an event id of another session's stream replays nothing of that session", async ({ start }) => {
  const { open } = await start({ service: { isolation: "shared" } });
  const [ann, bob] = [await open(), await open()];
  const toAnn = { messages: [], lastId: "" };
  await read(await callFor(ann, 10), toAnn);
  expectWhole(toAnn);
  const toBob = { messages: [], lastId: "1-0" };
  await read(await resume(bob, toBob), toBob);
  expect(toBob.messages).toEqual([]);
});

test("an answer that is too large to keep for an absent client becomes an error with its id", async ({ start }) => {
  const { open, service } = await start({ service: { isolation: "shared" } });
  const client = await open();
  const reading: Reading = { messages: [], lastId: "" };
  const args = { times: 2, ms: 300, text: "x".repeat(1_200_000) };
  const params = { name: "progress", arguments: args, _meta: { progressToken: "token" } };
  await read(await client.post({ jsonrpc: "2.0", id: "call", method: "tools/call", params }), reading, 1);
  await until("the call is over", () => service.openCalls === 0);
  await read(await resume(client, reading), reading);
  const { id, error } = reading.messages.at(-1)!;
  expect({ id, message: error?.message }).toEqual({
    id: "call",
    message: expect.stringMatching(/too large to keep.*has run/) as string,
  });
});
