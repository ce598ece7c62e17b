/** Whose a resource is that several members list does not depend on what a client has listed before. */
import { join } from "node:path";
import { expect } from "vitest";
import { Client } from "../../fixtures/client.ts";
import { test, type Running } from "../../fixtures/harness.ts";

const lists = (given: object) => ({
  command: process.execPath,
  args: [join(import.meta.dirname, "../../fixtures/lists-child.ts"), JSON.stringify(given)],
  isolation: "shared",
});

const servers = {
  three: lists({ resources: ["x:same", "x:3"], templates: ["x:{any}"] }),
  one: lists({ resources: ["x:1", "x:11", "x:same"], templates: ["y:{a}", "z:{a}"], pageSize: 1 }),
  two: lists({ resources: ["x:same", "z:2"], templates: ["z:{a}", "y:{a}"] }),
  group: { group: ["one", "two", "three"] },
};

const read = async (client: Client, uri: string) =>
  /read by (\d+)/.exec(JSON.stringify(await client.request("resources/read", { uri })))?.[1];

const page = async (client: Client, method: string, cursor?: unknown) =>
  (await client.request(method, cursor === undefined ? {} : { cursor })).result?.["nextCursor"];

/** What clients may do before they read. */
const BEFORE: Record<string, (client: Client) => Promise<unknown>> = {
  "has listed nothing": async () => {},
  "has listed the first page": (client) => page(client, "resources/list"),
  "has listed two pages": async (client) => page(client, "resources/list", await page(client, "resources/list")),
  "has listed all": async (client) => {
    for (let next = await page(client, "resources/list"); next !== undefined;)
      next = await page(client, "resources/list", next);
  },
  "has listed templates": (client) => page(client, "resources/templates/list"),
  "has read another": (client) => read(client, "x:3"),
  "has read one that only a template has": (client) => read(client, "x:none"),
};

const open = ({ port }: Running, name = "group") => new Client(`http://127.0.0.1:${port}/${name}/mcp`).open();

test.for(Object.keys(BEFORE))("a client that %s", async (before, { start }) => {
  const gateway = await start({ servers });
  const pid: Record<string, string | undefined> = {};
  for (const member of ["one", "two", "three"]) pid[member] = await read(await open(gateway, member), "x:same");
  const client = await open(gateway);
  await BEFORE[before]!(client);
  for (const [uri, owner] of [
    ["x:same", "one"], // the first in the group's order, on its last page
    ["x:3", "three"],
    ["x:11", "one"],
    ["z:2", "two"], // one that lists it comes before one whose template it fits
    ["y:7", "one"],
    ["z:7", "one"],
    ["x:7", "three"],
  ] as const)
    expect([uri, await read(client, uri)]).toEqual([uri, pid[owner]]);
});
