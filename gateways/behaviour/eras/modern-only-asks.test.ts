/** A modern server's input requests reach a legacy session's client as client requests. */
import { expect } from "vitest";
import { eventsOf, type CallOptions, type Client, type Received } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";
import { key, modernChild } from "../../fixtures/modern-client.ts";

const modern = { command: modernChild() };
const CAN = { elicitation: {}, sampling: {}, roots: {} };

const REQUESTS = {
  who: { method: "elicitation/create", params: { message: "Wer? \u20ac", requestedSchema: {} } },
  'the "text"': { method: "sampling/createMessage", params: { messages: [], maxTokens: 9 } },
  folders: { method: "roots/list" },
};

/** Answers the client requests on a call's stream, by default with the method and how many came before. */
function answering(
  client: Client,
  body = (request: Received, before: number): object => ({ result: { asked: request.method, before } }),
) {
  const requests: Received[] = [];
  const onMessage = (message: Received) => {
    if (message.id === undefined) return;
    void client.post({ jsonrpc: "2.0", id: message.id, ...body(message, requests.length) });
    requests.push(message);
  };
  return { requests, options: { onMessage } satisfies CallOptions };
}

const callsIn = async (client: Client, name: string) =>
  (await client.received()).filter(({ params }) => params?.["name"] === name);

test.concurrent(
  "elicitation, sampling and roots are answered by the client, and then the call by the server",
  async ({ start }) => {
    const { open } = await start(modern);
    const client = await open("2025-11-25", CAN);
    const { requests, options } = answering(client);
    const { inputResponses, requestState } = JSON.parse(
      await client.text("ask", { requests: REQUESTS }, { id: "mine", ...options }),
    );
    expect(requests.map(({ method, params }) => ({ method, params }))).toEqual(
      Object.values(REQUESTS).map((request) => ({ params: {}, ...request })),
    );
    expect(new Set(requests.map(({ id }) => id)).size).toBe(3);
    expect(inputResponses).toEqual({
      who: { asked: "elicitation/create", before: 0 },
      'the "text"': { asked: "sampling/createMessage", before: 1 },
      folders: { asked: "roots/list", before: 2 },
    });
    expect(requestState).toBe('1 of 1: \u20ac \\ "');
  },
);

test.concurrent("a call may need several input rounds, and is repeated unchanged in each", async ({ start }) => {
  const { open } = await start(modern);
  const client = await open("2025-11-25", CAN);
  const { requests, options } = answering(client);
  await client.text("ask", { rounds: 3, text: "kept" }, { progressToken: 7, ...options });
  const calls = await callsIn(client, "ask");
  expect([requests.length, calls.length]).toEqual([3, 4]);
  expect(new Set(calls.map(({ id }) => id)).size).toBe(4);
  const states = calls.map(({ params }) => String(params!["requestState"]).slice(0, 6));
  expect(states).toEqual(["undefi", "1 of 3", "2 of 3", "3 of 3"]);
  for (const { params } of calls)
    expect(params).toMatchObject({ arguments: { text: "kept" }, _meta: { [key("clientCapabilities")]: CAN } });
});

test.concurrent("a server that keeps no state gets none back", async ({ start }) => {
  const { open } = await start(modern);
  const client = await open("2025-11-25", CAN);
  const answer = JSON.parse(await client.text("askOnce", {}, answering(client).options)) as object;
  expect(answer).toEqual({ inputResponses: { roots: { asked: "roots/list", before: 0 } } });
});

test.concurrent(
  "a server that keeps asking for input is cut off after 20 rounds, and the session goes on",
  async ({ start }) => {
    const { open, service } = await start(modern);
    const client = await open("2025-11-25", CAN);
    const { requests, options } = answering(client);
    const { error } = await client.tool("ask", { rounds: 1_000 }, options);
    expect(error).toMatchObject({ code: -32603, message: expect.stringMatching(/20 times in one call/) as string });
    expect([requests.length, (await callsIn(client, "ask")).length]).toEqual([20, 21]);
    await until("nothing is open", () => service.openCalls === 0);
  },
);

test.concurrent("a server that asks for a further round without input requests is called again", async ({ start }) => {
  const { open } = await start(modern);
  const client = await open();
  const { requestState } = JSON.parse(await client.text("ask", { rounds: 2, requests: {} })) as {
    requestState: string;
  };
  expect(requestState).toMatch(/^2 of 2/);
  expect(await callsIn(client, "ask")).toHaveLength(3);
});

test.concurrent(
  "when a client answers with an error, the call fails with it, and its other client requests are cancelled",
  async ({ start }) => {
    const { open } = await start(modern);
    const client = await open("2025-11-25", CAN);
    const messages: Received[] = [];
    const onMessage = (message: Received) => {
      messages.push(message);
      if (message.method === "roots/list")
        void client.post({ jsonrpc: "2.0", id: message.id, error: { code: -1, message: "User said no" } });
    };
    const { error } = await client.tool("ask", { requests: REQUESTS }, { onMessage });
    expect(error?.message).toMatch(
      /asked the client for roots\/list, and the client answered with an error: User said no/,
    );
    const cancelled = messages
      .filter(({ method }) => method === "notifications/cancelled")
      .map(({ params }) => params!["requestId"]);
    expect(cancelled).toEqual([messages[0]!.id, messages[1]!.id]);
    expect(await callsIn(client, "ask")).toHaveLength(1);
  },
);

test.concurrent(
  "cancelling a call during an input round ends it, and cancels its client request",
  async ({ start }) => {
    const { open, service } = await start(modern);
    const client = await open("2025-11-25", CAN);
    const messages: Received[] = [];
    const call = client.tool("ask", {}, { id: "mine", onMessage: (message) => messages.push(message) });
    await until("the client request is received", () => messages.length === 1);
    await client.cancel("mine");
    expect((await call).error?.code).toBe(-32800);
    await until("nothing is open", () => service.openCalls === 0);
    expect(messages[1]).toMatchObject({ method: "notifications/cancelled", params: { requestId: messages[0]!.id } });
    await client.post({ jsonrpc: "2.0", id: messages[0]!.id, result: { late: true } });
    expect(await callsIn(client, "ask")).toHaveLength(1);
    expect((await client.received()).filter(({ method }) => method === "notifications/cancelled")).toEqual([]);
  },
);

test.concurrent("deleting a session during an input round ends the call", async ({ start }) => {
  const { open, service } = await start(modern);
  const [client, other] = [await open("2025-11-25", CAN), await open()];
  const messages: Received[] = [];
  const call = client.tool("ask", {}, { onMessage: (message) => messages.push(message) });
  await until("the client request is received", () => messages.length === 1);
  await client.end();
  expect((await call).error).toBeDefined();
  await until("nothing is open", () => service.openCalls === 0);
  expect(await callsIn(other, "ask")).toHaveLength(1);
});

test.concurrent(
  "a client that accepts only JSON gets client requests on the session's own stream, and another session cannot answer them",
  async ({ start }) => {
    const { open } = await start(modern);
    const [client, thief] = [await open("2025-11-25", CAN), await open("2025-11-25", CAN)];
    const events = eventsOf(await client.get());
    const call = client.text("ask", {}, { headers: { accept: "application/json" } });
    const { message } = (await events.next()).value!;
    expect(message).toMatchObject({ id: "server-1", method: "roots/list" });
    await thief.post({ jsonrpc: "2.0", id: message!.id, result: { roots: "stolen" } });
    await client.post({ jsonrpc: "2.0", id: message!.id, result: { roots: "own" } });
    await client.post({ jsonrpc: "2.0", id: message!.id, result: { roots: "again" } });
    expect(JSON.parse(await call)).toMatchObject({ inputResponses: { roots: { roots: "own" } } });
  },
);
