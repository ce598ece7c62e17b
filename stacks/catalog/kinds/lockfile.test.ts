import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { npmWithoutHash, pypiWithoutHash } from "./lockfile.ts";

const root = join(import.meta.dirname, "../../..");
const lockfiles = globSync(["stacks/**/locks/*@*.json", "stacks/**/locks/*==*.txt"], { cwd: root }).toSorted();

test.each(lockfiles)("%s has a hash of everything that it installs", (file) => {
  const text = readFileSync(join(root, file), "utf8");
  expect(file.endsWith(".txt") ? pypiWithoutHash(text) : npmWithoutHash(text)).toEqual([]);
  expect(text.match(/integrity|--hash/g)?.length).toBeGreaterThan(5);
});

test("there are lockfiles of both kinds", () => {
  expect(new Set(lockfiles.map((file) => file.slice(file.lastIndexOf("."))))).toEqual(new Set([".json", ".txt"]));
});

const integrity = `sha512-${"A".repeat(86)}==`;
const npmLock = (packages: object) => JSON.stringify({ packages: { "": { name: "gangway-server" }, ...packages } });

test.each<[string, object, string[]]>([
  ["a hash of all", { "node_modules/a": { integrity }, "node_modules/a/node_modules/b": { integrity } }, []],
  ["none of one", { "node_modules/a": { integrity }, "node_modules/a/node_modules/@x/b": {} }, ["@x/b"]],
  ["one that is broken", { "node_modules/a": { integrity: "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=" } }, ["a"]],
  ["an empty one", { "node_modules/a": { integrity: "" } }, ["a"]],
  ["a source without one", { "node_modules/a": { resolved: "git+ssh://git@example.org/a.git#main" } }, ["a"]],
  [
    "what another one brings",
    { "node_modules/a": { integrity }, "node_modules/a/node_modules/b": { inBundle: true } },
    [],
  ],
])("npm: %s", (_what, packages, expected) => {
  expect(npmWithoutHash(npmLock(packages))).toEqual(expected);
});

const hash = `--hash=sha256:${"0".repeat(64)}`;

test.each<[string, string, string[]]>([
  ["a hash of all", `a==1 \\\n    ${hash} \\\n    ${hash}\nb==2 ; sys_platform != 'x' \\\n    ${hash}\n`, []],
  ["none of one", `a==1 \\\n    ${hash}\nb==2\nc==3 \\\n    ${hash}\n`, ["b==2"]],
  ["an address without one", "a @ https://example.org/a.whl\n", ["a"]],
  ["a hash that is cut off", "a==1 --hash=sha256:0000\n", ["a==1"]],
  ["comments", `# via a\na==1 ${hash}\n    # via b\n\n`, []],
])("PyPI: %s", (_what, text, expected) => {
  expect(pypiWithoutHash(text)).toEqual(expected);
});
