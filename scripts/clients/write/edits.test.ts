import { expect, test } from "vitest";
import { clients } from "../../../templates/clients/clients.ts";
import { isFile } from "../../../templates/clients/render.ts";
import { serialize } from "../../../templates/clients/serialize.ts";
import { withoutServices, withServices } from "./edits.ts";

const targets = [
  { name: "memory", url: "http://127.0.0.1:8082/mcp", token: { variable: "A", value: "gw_memory_x" } },
  { name: "time", url: "http://127.0.0.1:8083/mcp" },
];

const files = clients.filter(isFile);

test.each(files)(
  "$id: a file with something else in it gets the services, once, and gives them back",
  async (client) => {
    const wanted = { client, targets };
    const before = `${serialize[client.kind]({ theirs: { a: "b" } })}\n`;
    const after = await withServices(before, wanted);
    expect(after).not.toBe(before);
    expect(await withServices(after, wanted)).toBe(after);
    expect(await withoutServices(after, wanted, [before])).toBe(before);
    expect(await withoutServices(before, wanted, [])).toBe(before);
  },
);

test.each(files)("$id: what a person has changed since stays", async (client) => {
  const before = `${serialize[client.kind]({ theirs: { a: "b" } })}\n`;
  const after = (await withServices(before, { client, targets })).replace(/"?b"?/, (b) => b.replace("b", "c"));
  const left = await withoutServices(after, { client, targets }, [before]);
  expect(left).toContain("c");
  expect(left).not.toContain("memory");
});

test.each(files)("$id: of two services, one stays", async (client) => {
  const both = await withServices("", { client, targets });
  const left = await withoutServices(both, { client, targets: targets.slice(0, 1) }, []);
  expect(left).toContain("8083");
  expect(left).not.toContain("8082");
  expect(await withServices(left, { client, targets: targets.slice(1) })).toBe(left);
});

test.each(files)("$id: nothing is left of a file that had nothing else in it", async (client) => {
  const made = await withServices("", { client, targets });
  expect(await withoutServices(made, { client, targets }, ["another text\n", ""])).toBe("");
});
