/** Clients that come before the server's era is known wait, and are served. */
import { rmSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { Client } from "../../fixtures/client.ts";
import { freePort } from "../../fixtures/free-port.ts";
import { ModernClient, modernChild } from "../../fixtures/modern-client.ts";
import { test } from "../../fixtures/process.ts";

for (const isolation of ["session", "shared"]) {
  test.concurrent(
    `clients of both eras are served by a modern server that starts late, isolation ${isolation}`,
    async ({ run, roll }) => {
      const gate = `${roll.folder}-gate`;
      writeFileSync(gate, "");
      const port = await freePort();
      const flags = ["--stdio", modernChild("--gate", gate), "--port", String(port), "--isolation", isolation];
      // It has refused `initialize`, and is being probed for the modern era.
      const gateway = await run({ flags, begun: /"server did not start"/ });
      const sessions = [1, 2].map(() => new Client(`http://127.0.0.1:${port}/mcp`).open());
      const call = new ModernClient({ port }).text("echo", { text: "served" });
      const early = await Promise.race([...sessions, call, new Promise((resolve) => setTimeout(resolve, 300))]);
      expect(early).toBeUndefined();
      rmSync(gate);
      expect(await call).toBe("served");
      for (const session of await Promise.all(sessions))
        expect(await session.text("echo", { text: "too" })).toBe("too");
      gateway.kill("SIGTERM");
      expect(await gateway.exited).toBe(0);
    },
  );
}

test.concurrent("clients that wait for a server that does not start get a 503", async ({ run }) => {
  const port = await freePort();
  const flags = ["--port", String(port), "--start-timeout", "2s"];
  const gateway = await run({
    child: ["--mute", "waiting"],
    flags: [...flags, "--log-level", "debug"],
    begun: /waiting/,
  });
  const statuses = [
    new ModernClient({ port }).send("tools/list"),
    new Client(`http://127.0.0.1:${port}/mcp`).initialize(),
  ];
  for (const { status } of await Promise.all(statuses)) expect(status).toBe(503);
  gateway.kill("SIGTERM");
  await gateway.exited;
});
