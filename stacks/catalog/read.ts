/** Reads the catalog of the project. */
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { catalogFile, project } from "../project.ts";
import type { Service } from "./entry.ts";

/**
 * The services of services.ts, which is imported only now, so that a mistake in it is reported like any other.
 * @throws Error when there is no project here, this Node cannot run TypeScript, or the file exports no services
 */
export async function readCatalog(): Promise<Readonly<Record<string, Service>>> {
  if (catalogFile === undefined)
    throw new Error(
      `there is no services.ts in ${project} or above it: change to your project's folder, or make a project with \`npm create gangway-mcp\``,
    );
  const problem = tooOld(basename(catalogFile), process.features.typescript, process.versions.node);
  if (problem !== undefined) throw new Error(problem);
  const { services } = (await import(pathToFileURL(catalogFile).href)) as { services?: Record<string, Service> };
  if (services === undefined)
    throw new Error(`${catalogFile} exports no services, expected: export const services = defineServices({ ... })`);
  return services;
}

/**
 * Why this Node cannot run a TypeScript file; undefined when it can.
 * @param typescript `process.features.typescript`: how it runs TypeScript, false or undefined when it does not
 */
export function tooOld(file: string, typescript: string | false | undefined, version: string): string | undefined {
  if (typescript) return undefined;
  return `${file} needs Node 22.18 or 24, or newer, which run TypeScript as it is; this is Node ${version}. Get one at https://nodejs.org/en/download`;
}
