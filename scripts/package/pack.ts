/** Builds a package, packs it and checks what is in it. */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { $ } from "zx/core";
import { root } from "../../stacks/shipped.ts";
import { type Packed, problemsOf } from "./contents.ts";
import type { Package } from "./packages.ts";

/** A package as it is published. */
export interface Tarball {
  readonly name: string;
  readonly file: string;
  readonly packed: Packed;
}

/**
 * Writes `<folder>/<name>/` and beside it the tarball.
 * @throws Error naming every file that must not be in it
 */
export async function pack({ name, build, contents }: Package, folder: string): Promise<Tarball> {
  const built = join(folder, name);
  rmSync(built, { recursive: true, force: true });
  mkdirSync(built, { recursive: true });
  await build(built);
  const { stdout } = await $({ cwd: built, quiet: true })`npm pack --json --pack-destination ${folder}`;
  const [packed] = JSON.parse(stdout) as [Packed];
  const problems = problemsOf(packed, built, contents, unwanted());
  if (problems.length > 0) throw new Error(`${name} must not be published like this:\n  ${problems.join("\n  ")}`);
  return { name, file: join(folder, packed.filename), packed };
}

/** What is on this machine alone: the folder of the checkout, and the secrets of its .env. */
function unwanted(): Map<string, string> {
  const env = join(root, ".env");
  const settings = existsSync(env) ? Object.entries(parseEnv(readFileSync(env, "utf8"))) : [];
  const secrets = settings.filter(
    ([name, value = ""]) => /TOKEN|SECRET|PASSWORD|KEY|DSN/.test(name) && value.length >= 8,
  );
  return new Map([
    ["the path of this checkout", root],
    ...secrets.map(([name, value = ""]) => [`the value of ${name}`, value] as const),
  ]);
}
