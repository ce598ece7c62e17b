/** The name of a deployment: what tells its containers from those of others on the same engine. */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { place } from "./project.ts";
import type { Settings } from "./settings.ts";

/** Where the name of the deployment to this machine's Docker is kept: beside its state, which it belongs to. Git ignores it. */
export const DEPLOYMENT_FILE = join(place.gangway, "deployment");

/**
 * Under a domain it is the domain, wherever it is deployed from. On this machine it is made once for each project, so that two
 * checkouts never take each other's containers for their own.
 * @param stack "local", or "services" under the domain
 * @returns text without white space, as in `local-3f9a1c2e` or `example.org`
 */
export function deploymentOf(stack: string, settings: Settings, file: string = DEPLOYMENT_FILE): string {
  const domain = settings.value("DOMAIN");
  return stack === "local" || domain === undefined ? deploymentHere(file) : domain;
}

function deploymentHere(file: string): string {
  const kept = keptDeployment(file);
  if (kept !== undefined) return kept;
  const name = `local-${randomBytes(4).toString("hex")}`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${name}\n`);
  return name;
}

/** The name of this project's deployment to this machine's Docker; undefined when there was none. */
export function keptDeployment(file: string = DEPLOYMENT_FILE): string | undefined {
  try {
    const name = readFileSync(file, "utf8").trim();
    return NAME.test(name) ? name : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

const NAME = /^local-[0-9a-f]{8}$/;
