/** The files that an update changes: the catalog, the server's lockfile, tools.lock. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Service } from "../../stacks/catalog/entry.ts";
import { fileName } from "../../stacks/catalog/kinds/npm-package.ts";
import { catalogFile, place, shownCatalog } from "../../stacks/project.ts";
import { readToolsLock, reviewedServer, writtenToolsLock } from "../../stacks/tools-lock.ts";
import { readTree } from "../kit/catalog-tree.ts";
import { change } from "../kit/change.ts";
import type { Change } from "../kit/write-files.ts";
import { digestsOf } from "./tool-changes.ts";
import type { Tool } from "../kit/mcp/all-tools.ts";
import { withVersion } from "./version-text.ts";

/**
 * tools.lock with the tools of a service as they are now. Whoever adds a service writes it together with the catalog.
 * @param server what lists them, as `reviewedServer` names it
 */
export function toolsLockChange(service: string, server: string, tools: readonly Tool[]): Change[] {
  const { digests } = digestsOf(tools);
  return change(place.toolsLock, writtenToolsLock({ ...readToolsLock(), [service]: { server, tools: digests } }));
}

/** tools.lock without a service that is removed. */
export function withoutToolsLock(service: string): Change[] {
  const { [service]: _, ...others } = readToolsLock();
  return change(place.toolsLock, writtenToolsLock(others));
}

/** Another version of a service's server. */
export interface Update {
  readonly have: string;
  readonly next: string;
  readonly tools: readonly Tool[];
  readonly lock?: { readonly file: string; readonly text: string } | undefined;
}

/** @throws Error that says what to change by hand, when the catalog does not have the version as one text */
export function updateChanges(service: Service, update: Update, services: readonly Service[]): Change[] {
  const { have, next, tools, lock } = update;
  const text = readFileSync(catalogFile!, "utf8"); // it has been read
  const edited = withVersion(readTree(text), service.name, have, next);
  if (edited === undefined)
    throw new Error(
      `${shownCatalog} does not have "${have}" as one text in the entry ${service.name}: change it there yourself`,
    );
  return [
    ...change(catalogFile!, edited),
    ...(lock === undefined ? [] : change(join(place.locks, lock.file), lock.text)),
    ...unusedLock(service, have, services),
    ...toolsLockChange(service.name, next, tools),
  ];
}

/** The lockfile of the old version, unless another service has it. */
function unusedLock(service: Service, have: string, services: readonly Service[]): Change[] {
  if (services.some((other) => other.name !== service.name && reviewedServer(other.server) === have)) return [];
  const files = ["json", "txt"].map((ending) => join(place.locks, `${fileName(have)}.${ending}`));
  return files.flatMap((file) => (existsSync(file) ? change(file, undefined) : []));
}
