/** A legacy server that refuses `initialize` for a while is not mistaken for a modern one, and its sessions live on. */
import { rmSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { test, until } from "../../fixtures/harness.ts";
import { ModernClient } from "../../fixtures/modern-client.ts";

for (const isolation of ["session", "shared"] as const) {
  test.concurrent(
    `a server that refuses new clients for a while keeps its sessions, isolation ${isolation}`,
    async ({ start, roll }) => {
      const refuse = `${roll.folder}-refuse`;
      const { service, ...running } = await start({ child: ["--refuse", refuse], service: { isolation } });
      const [ann, bob] = [await running.open(), await running.open()];
      expect(await ann.text("count")).toBe("1");
      writeFileSync(refuse, "");
      await bob.tool("crash");
      await until("it refuses", () => !service.ready && service.error?.includes("refused"));
      expect((await new ModernClient(running).send("tools/list")).status).toBe(503);
      rmSync(refuse);
      await until("it accepts clients again", () => service.ready);
      expect(await ann.text("count")).toBe(isolation === "session" ? "2" : "1");
      expect(Number(await bob.text("count"))).toBeGreaterThan(0);
      expect(await new ModernClient(running).text("echo", { text: "served" })).toBe("served");
    },
  );

  test.concurrent(`modern clients are told why a server refuses, isolation ${isolation}`, async ({ start, roll }) => {
    const refuse = `${roll.folder}-refuse`;
    writeFileSync(refuse, "");
    const running = await start({ child: ["--refuse", refuse], service: { isolation } });
    const refused = await new ModernClient(running).send("tools/list", {}, { id: "mine" });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({
      id: "mine",
      error: { code: -32603, message: expect.stringMatching(/refused the handshake .*not now/) as string },
    });
    rmSync(refuse);
  });
}
