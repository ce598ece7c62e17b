/** A call without an answer times out, unless it makes progress. */
import { expect } from "vitest";
import { test } from "../../fixtures/harness.ts";

for (const isolation of ["shared", "session"] as const) {
  const settings = { service: { isolation, requestTimeout: 2_000 } };

  test.concurrent(
    `a call without an answer is cancelled after the request timeout, isolation ${isolation}`,
    async ({ start }) => {
      const { open } = await start(settings);
      const client = await open();
      const { error } = await client.tool("slow", { ms: 60_000 });
      expect(error).toMatchObject({
        code: -32001,
        message: expect.stringMatching(/did not answer.*within 2 s/) as string,
      });
      expect((await client.received()).map(({ method }) => method)).toContain("notifications/cancelled");
    },
  );

  test.concurrent(
    `a call that makes progress may exceed the request timeout, isolation ${isolation}`,
    async ({ start }) => {
      const { open } = await start(settings);
      const client = await open();
      expect(await client.text("progress", { times: 4, ms: 700, text: "there" }, { progressToken: 1 })).toBe("there");
    },
  );
}
