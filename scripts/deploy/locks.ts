/** What the catalog has to bring to a deploy: lockfiles, and lines for its secrets. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readCatalog } from "../../stacks/catalog/read.ts";
import { project } from "../../stacks/project.ts";
import { readSettings } from "../../stacks/settings.ts";
import { readToolsLock, unreviewedServers } from "../../stacks/tools-lock.ts";
import { writeMissingLocks } from "../kit/missing-locks.ts";
import { npmRunner } from "../kit/npm.ts";
import { lackingSecrets } from "../kit/secret-lines.ts";

/** Writes the lockfiles that are missing, where npm and uv can. @returns a line for each */
export async function lockServers(): Promise<string[]> {
  const { signal } = new AbortController();
  const npm = () => npmRunner(readSettings([]).npmProgram, signal);
  return writeMissingLocks(Object.values(await readCatalog()), { npm, signal });
}

/** A line for each service whose server is not the one whose tools were reviewed. */
export const toolNotices = async (): Promise<string[]> =>
  unreviewedServers(Object.values(await readCatalog()), readToolsLock());

/** A line for each file that lacks secrets of the catalog, with the command that adds them. */
export const secretNotices = async (): Promise<string[]> =>
  lackingSecrets(Object.values(await readCatalog()), textOf).map(
    ({ file, names }) => `${file} lacks ${names.join(", ")}: npx gangway secrets`,
  );

function textOf(file: string): string | undefined {
  const path = join(project, file);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
