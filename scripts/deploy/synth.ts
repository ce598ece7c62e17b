/** Synthesizes the stacks: writes them as Terraform reads them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { project } from "../../stacks/project.ts";
import { program } from "../../stacks/shipped.ts";
import { WITHOUT_DOMAIN } from "../../stacks/settings/variables.ts";
import { run } from "../kit/run.ts";

const manifest = z.object({ stacks: z.record(z.string(), z.unknown()) });

/**
 * Writes them to cdktf.out.
 * @param stacks those that must be among them: without DOMAIN there is only one, and folders of an earlier run may remain
 * @returns what the synth printed
 * @throws Error naming what is wrong with the settings
 */
export async function synthesize(env: NodeJS.ProcessEnv, stacks: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run([process.execPath, program("stacks/main")], { cwd: project, env });
  if (code !== 0) throw new Error(stderr.trim());
  const lines = stdout.trim().split("\n");
  const made = manifest.parse(JSON.parse(readFileSync(join(project, "cdktf.out", "manifest.json"), "utf8"))).stacks;
  const missing = stacks.filter((stack) => !(stack in made));
  const why = lines.find(isWithoutDomain);
  if (missing.length > 0) throw new Error(`cannot plan ${missing.join(" and ")}: ${why ?? lines[0]}`);
  // Whoever deploys here alone need not hear what a domain would take.
  return lines.filter((line) => !isWithoutDomain(line)).join("\n");
}

const isWithoutDomain = (line: string) => line.startsWith(WITHOUT_DOMAIN);
