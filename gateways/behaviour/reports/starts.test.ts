/** What clients send first today, and servers that start slowly, badly or not at all. */
import { expect } from "vitest";
import { test, until } from "../../fixtures/harness.ts";
import { ModernClient } from "../../fixtures/modern-client.ts";

for (const flags of [[], ["--strict"], ["--silent", "server/discover"]]) {
  test.concurrent(
    `the first modern request on a legacy server (${flags.join(" ") || "plain"}) is answered at once and logs no alarm`,
    async ({ start }) => {
      const running = await start({ child: flags });
      const probed = () => running.log.some((line) => line.includes("asked the server for MCP 2026-07-28"));
      expect(await new ModernClient(running).text("echo", { text: "hello" })).toBe("hello");
      const isAnsweredBeforeProbed = !probed();
      expect(isAnsweredBeforeProbed || !flags.includes("--silent")).toBe(true);
      await until("the probe is over", probed);
      const loud = running.log.filter((line) => !line.includes('"debug"')).join("");
      expect(loud).not.toMatch(/"(warn|error)"|did not start|does not answer|ended by itself/);
    },
  );
}

test.concurrent("an error of the first modern request carries the request's id", async ({ start }) => {
  const running = await start({ child: ["--exit", "KEY is not set"] });
  const { id, error } = await new ModernClient(running).request("tools/list", {}, { id: "mine" });
  expect([id, error?.message]).toEqual(["mine", expect.stringMatching(/did not start/)]);
});
