/** Progress, cancellation and client requests reach the right side and the right client. */
import { expect } from "vitest";
import { eventsOf, type Client, type Received } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";

const isolations = ["shared", "session"] as const;

for (const isolation of isolations) {
  test(`progress comes before the answer, with the caller's own token, isolation ${isolation}`, async ({ start }) => {
    const { open } = await start({ service: { isolation } });
    const clients = [await open(), await open()];
    for (const progressToken of ["token", 0, 7, "7"]) {
      const calls = clients.map(async (client, index) => {
        const progress: unknown[] = [];
        const onMessage = ({ params }: Received) => progress.push(params);
        await client.text("progress", { times: 3, text: `${index}` }, { progressToken, onMessage });
        return progress;
      });
      const expected = (message: string) => [1, 2, 3].map((progress) => ({ progressToken, progress, message }));
      expect(await Promise.all(calls)).toEqual([expected("0"), expected("1")]);
    }
  });

  test(`a cancelled call is answered at once, and its server is told, isolation ${isolation}`, async ({ start }) => {
    const { open } = await start({ service: { isolation } });
    const client = await open();
    const call = client.tool("slow", { ms: 60_000 }, { id: "mine" });
    const other = client.text("slow", { ms: 500, text: "goes on" }, { id: "other" });
    await until("the server has begun it", async () => longCallIn(await client.received()) !== undefined);
    await client.cancel("mine");
    expect((await call).error?.code).toBe(-32800);
    const received = await client.received();
    const cancelled = received.filter(({ method }) => method === "notifications/cancelled");
    expect(cancelled.map(({ params }) => params!["requestId"])).toEqual([longCallIn(received)]);
    expect(await other).toBe("goes on");
  });
}

/** The id under which the server got the call that takes a minute. */
const longCallIn = (received: readonly Received[]) =>
  received.find(({ params }) => (params?.["arguments"] as { ms?: number } | undefined)?.ms === 60_000)?.id;

/** Calls a tool that sends a client request, and answers it with this client's name. */
function askThrough(client: Client, name: string, method: string): Promise<string> {
  const onMessage = ({ id, method: asked }: Received) =>
    void client.post({ jsonrpc: "2.0", id, result: { name, asked } });
  return client.text("ask", { method }, { onMessage });
}

test("a client request reaches the client of its session, and the answer returns", async ({ start }) => {
  const { open } = await start();
  const [ann, bob] = [await open(), await open()];
  for (const method of ["sampling/createMessage", "elicitation/create", "roots/list"]) {
    // Both servers use the same id for their request.
    const answers = await Promise.all([askThrough(ann, "ann", method), askThrough(bob, "bob", method)]);
    expect(answers.map((text) => JSON.parse(text) as unknown)).toEqual([
      { result: { name: "ann", asked: method } },
      { result: { name: "bob", asked: method } },
    ]);
  }
});

test("a client that accepts only JSON gets client requests on the session's own stream", async ({ start }) => {
  const { open } = await start();
  const client = await open();
  const events = eventsOf(await client.get());
  const headers = { accept: "application/json" };
  const call = client.text("ask", { method: "roots/list" }, { headers });
  const { message } = (await events.next()).value!;
  expect(message).toMatchObject({ id: "server-1", method: "roots/list" });
  await client.post({ jsonrpc: "2.0", id: message!.id, result: { roots: [] } });
  expect(JSON.parse(await call)).toEqual({ result: { roots: [] } });
});

test("an answer to a client request that nobody sent reaches no server", async ({ start }) => {
  const { open } = await start();
  const client = await open();
  const response = await client.post({ jsonrpc: "2.0", id: "server-1", result: { forged: true } });
  expect(response.status).toBe(202);
  expect((await client.received()).filter(({ method }) => method === undefined)).toEqual([]);
});

test("log messages of a session's own server come on the stream of their call", async ({ start }) => {
  const { open } = await start();
  const client = await open();
  const messages: unknown[] = [];
  const params = { level: "info", data: "hello" };
  await client.text(
    "notify",
    { method: "notifications/message", params, times: 2 },
    { onMessage: (m) => messages.push(m.params) },
  );
  expect(messages).toEqual([params, params]);
});

test("client requests of a shared server are refused with an error that says why, except ping", async ({ start }) => {
  const { open } = await start({ service: { isolation: "shared" } });
  const [ann, bob] = [await open("2025-11-25", { sampling: {}, roots: {} }), await open()];
  const misrouted: Received[] = [];
  for (const client of [ann, bob]) {
    const events = eventsOf(await client.get());
    void events.next().then(
      ({ value }) => value?.message && misrouted.push(value.message),
      () => {},
    );
  }
  for (const method of ["sampling/createMessage", "elicitation/create", "roots/list"]) {
    const { error } = JSON.parse(await ann.text("ask", { method })) as Received;
    expect(error).toMatchObject({ code: -32601 });
    expect(error?.message).toMatch(/shared by several sessions/);
  }
  expect(JSON.parse(await bob.text("ask", { method: "ping" }))).toEqual({ result: {} });
  expect(misrouted).toEqual([]);
});
