import { expect, test } from "vitest";
import { run, runWell } from "./run.ts";

const node = (code: string, ...words: string[]) => [process.execPath, "-e", code, ...words];

test("a program gets its words as they are, and is told apart by its exit code", async () => {
  const script = "console.log(process.argv.at(-1)); console.error('why'); process.exitCode = 3";
  expect(await run(node(script, "$HOME `id` 'x'"))).toEqual({ code: 3, stdout: "$HOME `id` 'x'\n", stderr: "why\n" });
});

test("one that does not exist is 127, as in a shell", async () => {
  expect(await run(["no-such-program"])).toEqual({ code: 127, stdout: "", stderr: "no-such-program cannot be run" });
});

test("where it must succeed, its error is told", async () => {
  expect(await runWell(node("console.log(1)"))).toBe("1\n");
  await expect(runWell(node("console.error('no such image'); process.exit(1)"))).rejects.toThrow(/^no such image$/);
});
