/** What of a project no server sees in its sandbox. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The settings with their secrets, and the folder in which each server has its part, and the gateway what is its own. */
export function hiddenIn(project: string): string[] {
  const names = existsSync(project) ? readdirSync(project) : [];
  const settings = names.filter((name) => /^\.env(\.|$)/.test(name) && name !== ".env.example");
  return [join(project, ".gangway"), ...settings.map((name) => join(project, name))];
}
