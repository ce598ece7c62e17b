import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { scratchFolder } from "../kit/folder.ts";
import { hasDeployed } from "./engine.ts";

const { path, remove } = scratchFolder("engine");
afterAll(remove);

test.each([
  ["one with networks", { resources: [{ type: "docker_image" }, { type: "docker_network" }] }, true],
  ["one of a deploy that failed at the networks of another project", { resources: [{ type: "docker_image" }] }, false],
  ["one after a destroy", { resources: [] }, false],
  ["one that was cut short", undefined, false],
])("a state tells whether the containers on the networks are ours: %s", (_what, state, expected) => {
  const file = join(path, "local.tfstate");
  writeFileSync(file, state === undefined ? '{"resources":' : JSON.stringify(state));
  expect(hasDeployed(file)).toBe(expected);
});

test("without a state nothing is ours", () => {
  expect(hasDeployed(join(path, "none.tfstate"))).toBe(false);
});
