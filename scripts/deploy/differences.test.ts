import { expect, test } from "vitest";
import { readChanges } from "./changes.ts";
import { differencesIn, differenceSummary } from "./differences.ts";

const change = (address: string, ...actions: string[]) => ({ address, change: { actions } });

const changes = readChanges("services", {
  resource_drift: [
    change("docker_container.memory_container_8F408BB5", "delete"),
    change("docker_network.proxy_0A1B2C3D", "update"),
    change("docker_container.docs_container_11111111", "update"), // its address: nothing that a deploy would mend
  ],
  resource_changes: [
    change("docker_container.memory_container_8F408BB5", "create"),
    change("docker_network.proxy_0A1B2C3D", "update"),
    change("docker_container.docs_container_11111111", "no-op"),
    change("docker_image.my-server_22222222", "delete", "create"),
    change("cloudflare_dns_record.hostname-old_33333333", "delete"),
  ],
});

test("what a deploy would do something about is told with its owner, its cause and what a deploy does", () => {
  const strays = [{ name: "memory-server-4711", service: "memory" }];
  const all = differencesIn(changes, strays, ["swap: 1 GiB"]);
  expect(all.map(({ of, cause, deploy }) => [of, cause, deploy].join(", "))).toEqual([
    "machine, changed, does it",
    "memory, removed, creates it",
    "proxy, changed, changes it",
    "my-server, undeployed, replaces it",
    "old, undeployed, removes it",
    "memory, unknown, removes it",
  ]);
  const text = differenceSummary("services", all);
  expect(text).toMatch(/^### services: 6 things differ\n```\n/);
  expect(text).toMatch(
    /memory +docker_container\.memory_container_8F408BB5 +was removed by somebody +a deploy creates it/,
  );
});

test("without any difference there is one line", () => {
  expect(differencesIn(readChanges("services", {}))).toEqual([]);
  expect(differenceSummary("services", [])).toBe("### services: no drift");
});
