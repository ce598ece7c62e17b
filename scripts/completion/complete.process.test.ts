import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { candidates } from "./complete.ts";
import { shells } from "./scripts.ts";

test.each([
  [[""], expect.arrayContaining(["start", "deploy", "help", "completion"])],
  [["st"], ["start", "status"]],
  [["--s"], ["--stdio"]],
  [
    ["start", "--"],
    ["--json", "--all", "--help"],
  ],
  [["start", "mem"], ["memory"]],
  [["verify", "--json", "mem"], ["memory"]],
  [
    ["deploy", ""],
    ["local", "edge", "services"],
  ],
  [["plan", "local", "e"], ["edge"]],
  [["help", "tok"], ["token"]],
  [
    ["completion", ""],
    ["bash", "zsh", "fish"],
  ],
  [["synth", ""], []],
  [["nonsense", ""], []],
])("after %j may come %j", async (words, expected) => {
  expect(await candidates(words)).toEqual(expected);
});

const hasBash = spawnSync("bash", ["--version"]).status === 0;

test.skipIf(!hasBash)("bash completes with it", () => {
  const folder = mkdtempSync(join(tmpdir(), "gangway-completion-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const main = join(import.meta.dirname, "../gangway.ts");
  writeFileSync(join(folder, "gangway"), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`, { mode: 0o755 });
  const script = `${shells.bash}\nCOMP_WORDS=(gangway deploy lo); COMP_CWORD=2; _gangway; echo "\${COMPREPLY[@]}"`;
  const env = { ...process.env, PATH: `${folder}:${process.env["PATH"]}` };
  expect(spawnSync("bash", ["-c", script], { encoding: "utf8", env }).stdout).toBe("local\n");
});
