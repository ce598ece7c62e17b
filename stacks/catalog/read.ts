/** Reads the catalog of the project. */
import { pathToFileURL } from "node:url";
import { catalogFile, project } from "../project.ts";
import type { Service } from "./entry.ts";

/**
 * The services of services.ts, which is imported only now, so that a mistake in it is reported like any other.
 * @throws Error when there is no project here, or the file exports no services
 */
export async function readCatalog(): Promise<Readonly<Record<string, Service>>> {
  if (catalogFile === undefined)
    throw new Error(
      `there is no services.ts in ${project} or above it: change to your project's folder, or make a project with \`npm create gangway-mcp\``,
    );
  const { services } = (await import(pathToFileURL(catalogFile).href)) as { services?: Record<string, Service> };
  if (services === undefined)
    throw new Error(`${catalogFile} exports no services, expected: export const services = defineServices({ ... })`);
  return services;
}
