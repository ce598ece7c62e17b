/** The gateway as one file, which needs only Node. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { place } from "../project.ts";
import { isPackage, program, root, shipped } from "../shipped.ts";

/** Bundling is the slowest part of a synth, so a bundle of the same sources is used again. */
const cache = join(place.gangway, "bundle");

/** The same sources always make the same text, in any folder and on any machine. The package comes with it. */
export async function bundleGateway(): Promise<string> {
  if (isPackage) return readFileSync(program("gateways/main"), "utf8");
  const file = join(cache, `${sourcesDigest()}.mjs`);
  try {
    return readFileSync(file, "utf8");
  } catch {
    const text = await bundle();
    mkdirSync(cache, { recursive: true });
    writeFileSync(file, text);
    return text;
  }
}

async function bundle(): Promise<string> {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({
    cwd: root,
    input: "gateways/main.ts",
    platform: "node",
    logLevel: "silent",
    experimental: { attachDebugInfo: "none" }, // it would add the path of each module, which may be outside the project
  });
  const { output } = await build.generate({ format: "esm", codeSplitting: false });
  await build.close();
  return output[0].code;
}

/** Of everything that can be in the bundle: our sources, and the versions of what they import. */
function sourcesDigest(): string {
  const hash = createHash("sha256").update(readFileSync(shipped("package-lock.json")));
  const files = readdirSync(shipped("gateways"), { recursive: true, encoding: "utf8" });
  const sources = files.filter((path) => path.endsWith(".ts") && !/\.test\.ts$|^fixtures\W/.test(path));
  for (const path of sources.toSorted()) hash.update(`${path}\n`).update(readFileSync(shipped(join("gateways", path))));
  return hash.digest("hex").slice(0, 16);
}
