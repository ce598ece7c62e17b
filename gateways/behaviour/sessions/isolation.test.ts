/** Two clients that use the same ids never get each other's messages. */
import { expect } from "vitest";
import type { Client, Received } from "../../fixtures/client.ts";
import { test } from "../../fixtures/harness.ts";

/** Makes calls with ids and tokens that the other client uses too. @returns the messages that belong to another client */
async function callMany(client: Client, name: string, calls: number, atOnce: number): Promise<unknown[]> {
  const foreign: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < calls) {
      const id = next++;
      const text = `${name}-${id}`;
      const onMessage = ({ params }: Received) => {
        if (params?.["progressToken"] !== id || params["message"] !== text) foreign.push({ id, params });
      };
      const withProgress = id % 10 === 0;
      const options = withProgress ? { id, progressToken: id, onMessage } : { id };
      const answer = await client.tool(withProgress ? "progress" : "echo", { text }, options);
      if (answer.id !== id || answer.result?.content?.[0]?.text !== text) foreign.push({ id, answer });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return foreign;
}

for (const [isolation, calls] of [
  ["shared", 5_000],
  ["session", 1_000],
] as const) {
  const name = `two clients with the same ids, ${calls * 2} calls, isolation ${isolation}: nobody gets another's message`;
  test(name, { timeout: 120_000 }, async ({ start }) => {
    const { open } = await start({ service: { isolation } });
    const [ann, bob] = [await open(), await open()];
    const foreign = await Promise.all([callMany(ann, "ann", calls, 8), callMany(bob, "bob", calls, 8)]);
    expect(foreign).toEqual([[], []]);
  });
}
