/** The gateway as one file, which needs only Node. */
import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("../../", import.meta.url));

/** Bundling is the slowest part of a synth, so a bundle of the same sources is used again. */
const cache = new URL("../../.gangway/bundle/", import.meta.url);

/** The same sources always make the same text, in any folder and on any machine. */
export async function bundleGateway(): Promise<string> {
  const file = new URL(`${sourcesDigest()}.mjs`, cache);
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
    cwd: project,
    input: "gateways/main.ts",
    platform: "node",
    logLevel: "silent",
    experimental: { attachDebugInfo: "none" }, // it would add the path of each module, which may be outside the project
  });
  const { output } = await build.generate({ format: "esm" });
  await build.close();
  return output[0].code;
}

/** Of everything that can be in the bundle: our sources, and the versions of what they import. */
function sourcesDigest(): string {
  const hash = createHash("sha256").update(readFileSync(new URL("../../package-lock.json", import.meta.url)));
  const sources = globSync("gateways/**/*.ts", { cwd: project, exclude: ["**/*.test.ts", "gateways/fixtures/**"] });
  for (const path of sources.toSorted())
    hash.update(`${path}\n`).update(readFileSync(new URL(path, new URL("../../", import.meta.url))));
  return hash.digest("hex").slice(0, 16);
}
