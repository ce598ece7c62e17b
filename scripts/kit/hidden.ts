/** What of a project no server sees in its sandbox. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** The settings with their secrets, and the folder in which each server has its part, and the gateway what is its own. */
export function hiddenIn(project: string): string[] {
  const settings = readdirSync(project).filter((name) => /^\.env(\.|$)/.test(name) && name !== ".env.example");
  return [join(project, ".gangway"), ...settings.map((name) => join(project, name))];
}
