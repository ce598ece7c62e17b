import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { scratchFolder } from "./folder.ts";

const folder = scratchFolder("verb");
afterAll(folder.remove);

/** Runs a verb with these options as a process of its own. */
function run(options: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [scriptOf(options), ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
}

/** The same in a command line of bash, where $0 is Node and $1 the script. */
const runInShell = (options: string, line: string) =>
  spawnSync("bash", ["-c", line, process.execPath, scriptOf(options)], { encoding: "utf8" });

function scriptOf(options: string): string {
  const script = join(folder.path, "verb.mjs");
  const module = pathToFileURL(join(import.meta.dirname, "verb.ts")).href;
  const verb = `{ name: "npm run x", usage: "npm run x ...", flags: { json: "boolean" }, ${options} }`;
  writeFileSync(script, `import { verb } from "${module}";\nawait verb(${verb});\n`);
  return script;
}

const failing = "failed: 3, run: () => { throw new Error('no luck'); }";

test("the steps are given the flags and the names, and return the exit code", () => {
  const options = "takesNames: true, run: ({ json }, names) => { console.log(json, names.join()); return 4; }";
  expect(run(options, "one", "--json", "two")).toEqual({ status: 4, stdout: "true one,two\n", stderr: "" });
});

test("--help prints the usage and runs nothing", () => {
  expect(run(failing, "--help")).toEqual({ status: 0, stdout: "npm run x ...\n", stderr: "" });
});

test("an error and a wrong command line each have their exit code, and are printed with the verb's name", () => {
  expect(run(failing)).toEqual({ status: 3, stdout: "", stderr: "npm run x: no luck\n" });
  const problem = "npm run x: --jsno is not a flag. Did you mean --json?\nSee: npm run x --help\n";
  expect(run(failing, "--jsno")).toEqual({ status: 2, stdout: "", stderr: problem });
});

test("a syntax error names its place", () => {
  writeFileSync(join(folder.path, "wrong.ts"), "export const a b;");
  const { status, stderr } = run(`run: () => import("./wrong.ts")`);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^npm run x: \/.*\/wrong\.ts:1: /);
});

test("a verb that ends at once is not kept by what still runs", () => {
  expect(run(`endsAtOnce: true, run: () => { setInterval(() => {}, 1_000); throw new Error("over"); }`)).toEqual({
    status: 1,
    stdout: "",
    stderr: "npm run x: over\n",
  });
});

const printing = "run: () => { for (let n = 0; n < 20_000; n++) console.log('a line'); return 0; }";

test("a reader that leaves has enough: the verb goes on without a word", () => {
  const { status, stdout, stderr } = runInShell(printing, 'set -o pipefail; "$0" "$1" | head -1');
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "a line\n", stderr: "" });
});

test("output that is lost on a full disk is told once, and is not exit code 0", ({ skip }) => {
  if (!existsSync("/dev/full")) skip("there is no /dev/full here");
  const { status, stderr } = runInShell(printing, '"$0" "$1" > /dev/full');
  expect(stderr).toBe("gangway: stdout takes nothing any more (the disk is full): the output is not whole\n");
  expect(status).toBe(1);
});
