import { spawnSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { scratchFolder } from "../kit/folder.ts";

const bash = spawnSync("sh", ["-c", "command -v bash"], { encoding: "utf8" }).stdout.trim();

/** What `npx gangway plan` prints where only these programs exist, each with its version. */
function planWhere(programs: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}): string {
  const { path: folder, remove } = scratchFolder("programs");
  onTestFinished(remove);
  symlinkSync(bash, join(folder, "bash")); // which runs the programs
  for (const [name, version] of Object.entries(programs))
    writeFileSync(join(folder, name), `#!${bash}\necho "${version}"\n`, { mode: 0o755 });
  const plan = [join(import.meta.dirname, "../gangway.ts"), "plan", "local"];
  return spawnSync(process.execPath, plan, { env: { PATH: folder, ...env }, encoding: "utf8" }).stderr;
}

describe("the program that applies the stacks", () => {
  test("is missing: the message says where to get one", () => {
    const said = planWhere({});
    expect(said).toContain("terraform cannot be run, expected Terraform 1.11 or newer on the PATH (https://");
    expect(said).toContain("or OpenTofu 1.10 or newer");
  });

  test("is OpenTofu, but not selected: the message says how", () => {
    expect(planWhere({ tofu: "OpenTofu v1.12.6" })).toContain("OpenTofu is here: export TERRAFORM_BINARY_NAME=tofu");
  });

  test("was named but does not exist: the message names it", () => {
    const said = planWhere({ terraform: "Terraform v1.11.4" }, { TERRAFORM_BINARY_NAME: "tofu" });
    expect(said).toContain("tofu, which TERRAFORM_BINARY_NAME names, cannot be run");
  });

  test.each([
    ["Terraform v1.10.5", "terraform is Terraform 1.10, expected 1.11 or newer: install it from https://"],
    ["OpenTofu v1.9.4", "terraform is OpenTofu 1.9, expected 1.10 or newer: install it from https://"],
  ])("is too old (%s): the message names the oldest that works", (version, problem) => {
    expect(planWhere({ terraform: `There are some problems with the CLI configuration:\n\n${version}` })).toContain(
      problem,
    );
  });
});
