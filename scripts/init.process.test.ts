import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectFiles } from "./init/files.ts";

test("Ctrl-C while the files are written leaves all of them", () => {
  const folder = mkdtempSync(join(tmpdir(), "init-"));
  const interrupting = join(folder, "interrupting.mjs");
  writeFileSync(
    interrupting,
    `import fs from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    const { writeFileSync: write } = fs;
    fs.writeFileSync = (...given) => { process.kill(process.pid, "SIGINT"); return write(...given); };
    syncBuiltinESMExports();`,
  );
  const program = join(import.meta.dirname, "gangway.ts");
  const words = ["--import", interrupting, program, "init", "mine"];
  const { signal } = spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8" });
  expect(signal).toBeNull();
  const made = readdirSync(join(folder, "mine"), { recursive: true }).map(String);
  expect(made).toEqual(expect.arrayContaining([...projectFiles("mine", false).keys()]));
});
