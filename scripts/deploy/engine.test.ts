import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { scratchFolder } from "../kit/folder.ts";
import { hasDeployed, otherDeployment } from "./engine.ts";

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

test.each<[what: string, lines: string[], hasState: boolean, named: string | undefined]>([
  ["nothing", [], false, undefined],
  ["our own", ["memory\tlocal-11111111", "memory\tlocal-11111111"], true, undefined],
  ["our own from before there were names", ["memory\t"], true, undefined],
  ["somebody's from before there were names", ["memory\t"], false, "(memory)"],
  ["another project's", ["memory\tlocal-22222222", "nginx-proxy\tlocal-22222222"], true, "(memory, nginx-proxy)"],
])("an engine with %s", (_what, lines, hasState, named) => {
  const said = otherDeployment(lines, "local-11111111", hasState);
  expect(/\(memory.*?\)/.exec(said ?? "")?.[0]).toBe(named);
  expect(said ?? "").not.toMatch(/network rm/);
});
