/** No process of a server's group outlives its session, whatever signals it ignores. */
import { expect } from "vitest";
import { child, seesPids, test, until } from "../../fixtures/harness.ts";

/** A server that ignores SIGTERM and the end of its input, under a shell, as with `npx`. */
const underShell = (folder: string) => `${child("--stubborn", "--roll", folder)}; true`;

test
  .runIf(seesPids)
  .concurrent(
    "a grandchild that ignores SIGTERM and the end of its input is gone 6 s after its session",
    async ({ start, roll }) => {
      const { open } = await start({ command: underShell(roll.folder) });
      const client = await open();
      const pid = Number(await client.text("pid"));
      expect(roll.living).toContain(pid);
      void client.end();
      await until("it is gone", () => !roll.living.includes(pid), 6_000);
      for (const spare of roll.living) process.kill(spare, "SIGKILL");
    },
  );

test
  .runIf(seesPids)
  .concurrent("a grandchild that ignores SIGTERM is gone when the gateway has stopped", async ({ start, roll }) => {
    const { gateway } = await start({ command: underShell(roll.folder), service: { isolation: "shared" } });
    expect(roll.living).toHaveLength(1);
    await gateway.stop();
    expect(roll.living).toEqual([]);
  });

test
  .runIf(seesPids)
  .concurrent("when a server dies, the processes that it started are ended too", async ({ start, roll }) => {
    const { open } = await start({ child: ["--grandchild", "--roll", roll.folder], service: { isolation: "shared" } });
    const client = await open();
    await until("the server and its child live", () => roll.living.length === 2);
    const before = roll.living;
    await client.tool("crash");
    await until("both are gone", () => !before.some((pid) => roll.living.includes(pid)), 6_000);
  });
