import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { scratchFolder } from "./folder.ts";

const folder = scratchFolder("verb");
afterAll(folder.remove);

/** Runs a verb with these options as a process of its own. */
function run(options: string, ...args: string[]) {
  const script = join(folder.path, "verb.mjs");
  const module = pathToFileURL(join(import.meta.dirname, "verb.ts")).href;
  const verb = `{ name: "npm run x", usage: "npm run x ...", flags: { json: "boolean" }, ${options} }`;
  writeFileSync(script, `import { verb } from "${module}";\nawait verb(${verb});\n`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
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
