/** The limits on server processes and sessions hold, however many sessions are opened at once. */
import { expect } from "vitest";
import { test } from "../../fixtures/harness.ts";

test("50 sessions opened at once never have more than 4 server processes, and a refused one gets Retry-After", async ({
  start,
  roll,
}) => {
  const { client, gateway } = await start({ child: ["--roll", roll.folder], service: { maxChildren: 4 } });
  let most = 0;
  const watching = setInterval(() => (most = Math.max(most, roll.living.length)), 5);
  const answers = await Promise.all(Array.from({ length: 50 }, () => client().initialize()));
  clearInterval(watching);
  for (const answer of answers.filter(({ status }) => status !== 200)) {
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  }
  expect(answers.some(({ status }) => status === 200)).toBe(true);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(4);
  await gateway.stop();
  expect(roll.living).toEqual([]);
});

test("a session over the limit is refused with Retry-After, and the open ones continue", async ({ start }) => {
  const { open, client } = await start({ service: { isolation: "shared", maxSessions: 2 } });
  const [first] = [await open(), await open()];
  const refused = await client().initialize();
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ id: "init-1", error: { code: -32000 } });
  expect(await first.text("count")).toBe("1");
  await first.end();
  expect((await client().initialize()).status).toBe(200);
});
