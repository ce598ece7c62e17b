/** Bodies that cost a parser many times their size: a gateway with little memory refuses them and goes on. */
import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import { test } from "../../fixtures/process.ts";

const MB = 1024 * 1024;
const SIZE = 9.5 * MB;
const call = (params: string) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;

const bodies: readonly [string, string, number][] = [
  ["open brackets", "[".repeat(SIZE), 400],
  ["nested brackets", "[".repeat(SIZE / 2) + "]".repeat(SIZE / 2), 400],
  ["nested objects", '{"a":'.repeat(SIZE / 5), 400],
  ["a batch of empty objects", `[${"{},".repeat(SIZE / 3)}{}]`, 400],
  ["a batch of empty arrays", `[${"[],".repeat(SIZE / 3)}[]]`, 400],
  ["a call with millions of objects", call(`{"name":"nothing","arguments":[${"{},".repeat(SIZE / 3)}{}]}`), 200],
  ["an envelope with millions of members", `{"jsonrpc":"2.0"${',"a":0'.repeat(SIZE / 6)}}`, 400],
  ["params with millions of members", call(`{"name":"nothing"${',"a":0'.repeat(SIZE / 6)}}`), 200],
  ["a message that is none, with millions of objects", `{"a":[${"{},".repeat(SIZE / 3)}{}]}`, 400],
];

/** The most memory that a process has ever had, in bytes; 0 where only the limit of its heap can be tested. */
async function peak(pid: number): Promise<number> {
  if (process.platform !== "linux") return 0;
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024;
}

for (const [what, body, status] of bodies) {
  test.concurrent(`a body of 9.5 MB that is ${what} does not fill a heap of 64 MB`, async ({ run }) => {
    const gateway = await run({ memory: 64 });
    const client = await gateway.client().open();
    await client.text("echo", { text: "warm" });
    const before = await peak(gateway.pid);
    for (let times = 0; times < 2; times++) expect((await client.post(body)).status).toBe(status);
    expect(await client.text("echo", { text: "still there" })).toBe("still there");
    expect((await peak(gateway.pid)) - before).toBeLessThan(12 * body.length);
  });
}
