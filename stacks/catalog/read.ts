/** Reads the catalog of the project. */
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { catalogFile, project, shown } from "../project.ts";
import { CatalogError } from "./define.ts";
import type { Service } from "./entry.ts";
import { tooOld } from "./typescript.ts";

/**
 * The services of services.ts, which is imported only now, so that a mistake in it is reported like any other.
 * @throws Error when there is no project here, this Node cannot run TypeScript, or the file exports no services
 */
export async function readCatalog(): Promise<Readonly<Record<string, Service>>> {
  if (catalogFile === undefined)
    throw new Error(
      `there is no services.ts in ${project} or above it: change to your project's folder, or make a project with \`npm create gangway-mcp\``,
    );
  const problem = tooOld(basename(catalogFile));
  if (problem !== undefined) throw new Error(problem);
  return servicesIn(catalogFile);
}

/** Milliseconds that a catalog may take: it only says what there is. */
const TIME = 20_000;

/** What a file exports as its services. @throws Error that names the file */
export async function servicesIn(file: string, ms: number = TIME): Promise<Readonly<Record<string, Service>>> {
  const { services } = await importWithin(file, ms);
  // What defineServices makes is frozen.
  if (typeof services !== "object" || services === null || !Object.isFrozen(services))
    throw new Error(`${file} exports no services, expected: export const services = defineServices({ ... })`);
  return services as Readonly<Record<string, Service>>;
}

/** Node would end without a word, or wait for ever, where a module waits for what never comes. */
async function importWithin(file: string, ms: number): Promise<{ readonly services?: unknown }> {
  const late = new AbortController();
  const tooLong = sleep(ms, undefined, { signal: late.signal }).then(() => {
    throw new Error(`it was not loaded within ${ms / 1_000} s: it waits for something that does not come`);
  });
  try {
    return (await Promise.race([import(pathToFileURL(file).href), tooLong])) as { readonly services?: unknown };
  } catch (thrown) {
    throw withFile(thrown, file);
  } finally {
    late.abort();
    tooLong.catch(() => {});
  }
}

/** An error of a catalog names the file, if it does not itself; a syntax error has its place in its stack. */
function withFile(thrown: unknown, file: string): unknown {
  if (thrown instanceof SyntaxError || thrown instanceof CatalogError) return thrown;
  const said = thrown instanceof Error ? thrown.message : `it threw ${String(thrown)}`;
  const missing = /^Cannot find package '([^']+)'/.exec(said)?.[1];
  const what = missing === undefined ? said : `there is no package ${missing} here: npm install ${missing}`;
  return new Error(`${shown(file)}: ${what}`, { cause: thrown });
}
