/** A gateway with a group is killed outright: its clients' sessions and subscriptions go on at the other gateway. */
import { join } from "node:path";
import { expect, vi } from "vitest";
import { Client } from "../../fixtures/client.ts";
import { until } from "../../fixtures/harness.ts";
import type { GatewayProcess } from "../../fixtures/process.ts";
import { test } from "../../fixtures/replicas.ts";

vi.setConfig({ testTimeout: 120_000 }); // each starts several processes, and the machine may be busy

const member = (lists: object, more: object = {}) => ({
  command: process.execPath,
  args: [join(import.meta.dirname, "../../fixtures/lists-child.ts"), JSON.stringify(lists)],
  ...more,
});

/** Two members of which each has a resource that its own tool updates. */
const groupOf = (more: object) => ({
  mcpServers: {
    one: member({ tools: ["update"], resources: ["file:///one"] }, more),
    two: member({ tools: ["update"], resources: ["file:///two"] }, more),
    group: { group: ["one", "two"] },
  },
});

const at = ({ port }: GatewayProcess, session = "") =>
  Object.assign(new Client(`http://127.0.0.1:${port}/group/mcp`), { session });

for (const more of [{ isolation: "session" }, { isolation: "shared" }, { isolation: "shared", serial: true }]) {
  test.concurrent(`subscriptions at two members go on, members ${JSON.stringify(more)}`, async ({ run, state }) => {
    const file = { stateDir: state, ownerHost: "127.0.0.1", ...groupOf(more) };
    const [first, second] = [await run({ file }), await run({ file })];
    const client = await at(first).open();
    for (const uri of ["file:///one", "file:///two"])
      expect((await client.request("resources/subscribe", { uri })).error).toBeUndefined();
    first.kill("SIGKILL");
    await first.exited;
    const moved = at(second, client.session);
    const heard = await moved.listen();
    for (const name of ["one", "two"]) {
      await until(`an update at ${name} is heard`, async () => {
        await moved.tool(`${name}_update`, { uri: `file:///${name}` });
        return heard.some(({ params }) => params?.["uri"] === `file:///${name}`);
      });
    }
  });
}
