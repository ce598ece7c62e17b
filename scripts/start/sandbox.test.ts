/** What is said at the start of servers that can do more here than in a deployment. */
import { expect, test } from "vitest";
import { defineServices } from "../../stacks/catalog/define.ts";
import type { ServiceEntry } from "../../stacks/catalog/entry.ts";
import { command } from "../../stacks/catalog/kinds/command.ts";
import { readSettings } from "../../stacks/settings.ts";
import { sandboxNotice } from "./sandbox.ts";

const server = command(["node", "server.js"]);

function noticeFor(entries: Record<string, ServiceEntry>): string[] {
  const services = Object.values(defineServices(entries));
  return sandboxNotice(services, readSettings(services, { env: { SANDBOX: "false" }, file: "/nowhere" }));
}

test("a list of hosts that nothing enforces is told once, with whoever has one", () => {
  const one = { server, port: 8081, egress: ["api.example.com"] } as const;
  expect(noticeFor({ one, two: { ...one, port: 8082 }, three: { server, port: 8083 } })).toEqual([
    expect.stringMatching(/^egress: one, two can reach any host here; .*deploy local/),
  ]);
});

test.for(["any", "none"] as const)("egress %s says nothing of lists", (egress) => {
  expect(noticeFor({ one: { server, port: 8081, egress } })).toEqual([]);
});
