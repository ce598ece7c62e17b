/** Synthesizes the stacks: writes them as Terraform reads them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { $ } from "zx/core";
import { z } from "zod";
import { project } from "../../stacks/project.ts";
import { program } from "../../stacks/shipped.ts";

const manifest = z.object({ stacks: z.record(z.string(), z.unknown()) });

/**
 * Writes them to cdktf.out.
 * @param stacks those that must be among them: without DOMAIN there is only one, and folders of an earlier run may remain
 * @returns what the synth printed
 * @throws Error naming what is wrong with the settings
 */
export async function synthesize(env: NodeJS.ProcessEnv, stacks: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await $({
    cwd: project,
    env,
    nothrow: true,
    quiet: true,
  })`${process.execPath} ${program("stacks/main")}`;
  if (exitCode !== 0) throw new Error(stderr.trim());
  const said = stdout.trim();
  const made = manifest.parse(JSON.parse(readFileSync(join(project, "cdktf.out", "manifest.json"), "utf8"))).stacks;
  const missing = stacks.filter((stack) => !(stack in made));
  if (missing.length > 0) throw new Error(`cannot plan ${missing.join(" and ")}: ${said.split("\n")[0]}`);
  return said;
}
