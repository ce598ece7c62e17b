/** Clients that leave before they get their answer harm nobody. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { test, until } from "../../fixtures/harness.ts";

for (const isolation of ["shared", "session"] as const) {
  test.concurrent(
    `200 calls whose clients leave before the answer do not affect others, isolation ${isolation}`,
    async ({ start }) => {
      const { open, service } = await start({ service: { isolation } });
      const [leaving, staying] = [await open(), await open()];
      const left = Array.from({ length: 200 }, async (_, index) => {
        const leave = new AbortController();
        // Every other client already has an event stream when it leaves.
        const tool = index % 2 === 0 ? "slow" : "progress";
        const options = { id: index, progressToken: index, signal: leave.signal, onMessage: () => leave.abort() };
        const call = leaving.tool(tool, { ms: 300, times: 2 }, options);
        if (tool === "slow") void sleep(50).then(() => leave.abort());
        await expect(call).rejects.toThrow(/abort/);
      });
      expect(await staying.text("count")).toBe("1");
      await Promise.all(left);
      await until("no call is open", () => service.openCalls === 0);
      expect(await staying.text("count")).toBe("2");
      expect(await leaving.text("echo", { text: "back" })).toBe("back");
    },
  );
}

test.concurrent("a client that leaves before initialize is answered leaves no session behind", async ({ start }) => {
  const { client, service } = await start({ child: ["--slow", "400"] });
  const leave = new AbortController();
  const opening = client().initialize("2025-11-25", {}, leave.signal);
  await until("the session is being opened", () => service.openCalls === 1);
  leave.abort();
  await expect(opening).rejects.toThrow(/abort/);
  await until("no call is open", () => service.openCalls === 0);
  await until("no session is left", () => service.sessions.size === 0, 2_000);
});

test.concurrent("a client that sends half a body and leaves harms nobody", async ({ start }) => {
  const { open, client } = await start();
  const staying = await open();
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"jsonrpc":"2.0",')),
    pull: (controller) => void sleep(50).then(() => controller.error(new Error("left"))),
  });
  const init = { method: "POST", body, duplex: "half", headers: { "content-type": "application/json" } };
  await expect(fetch(client().url, init as RequestInit)).rejects.toThrow("fetch failed");
  expect(await staying.text("count")).toBe("1");
});
