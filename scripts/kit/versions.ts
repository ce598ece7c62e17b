/** The versions of packages: what npm and PyPI have. */
import * as z from "zod/mini";
import type { Candidate } from "./candidate.ts";
import { npmView } from "./npm.ts";
import { lockPypi } from "./uv.ts";
import type { Workshop } from "./workshop.ts";

/** A version of an npm package. */
export interface NpmVersion {
  readonly version: string;
  /** @default - the registry does not say */
  readonly released?: Date | undefined;
}

/** The exact version of a package of npm or PyPI: `pkg@1.2.3`, `pkg==1.2.3`. @throws Error when there is none */
export async function exactSpec({ kind, source, version }: Candidate, shop: Workshop): Promise<string> {
  if (kind === "npm") return `${source}@${(await newestOnNpm(source, shop, version)).version}`;
  return version === undefined ? pinnedIn(await lockPypi(source, shop.signal), source) : `${source}==${version}`;
}

const EXACT = /^\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/;
const published = z.object({ version: z.string(), time: z.optional(z.record(z.string(), z.string())) });

/**
 * The newest version in a range, or under a tag. `latest` is what its author would have people install; what was published last
 * may be an old line's.
 * @throws Error when npm has none. One that is no version but an address, as in `git+ssh://`, would be installed from there
 */
export async function newestOnNpm(name: string, shop: Workshop, range = "latest"): Promise<NpmVersion> {
  const said = await npmView(shop.npmProgram, [`${name}@${range}`, "version", "time"], shop.signal);
  const last: unknown = Array.isArray(said) ? said.at(-1) : said;
  const found = published.safeParse(typeof last === "string" ? { version: last } : last); // a text where there is no time
  if (!found.success) throw new Error(`npm has no version ${range} of ${name}`);
  const { version, time = {} } = found.data;
  if (!EXACT.test(version)) throw new Error(`npm calls a version of ${name} ${version}, expected one as in 1.2.3`);
  const when = Object.hasOwn(time, version) ? time[version] : undefined;
  return { version, ...(when !== undefined && { released: new Date(when) }) };
}

/** The line of a lockfile that is the package itself; extras are not part of it. */
function pinnedIn(lock: string, name: string): string {
  const pins = Array.from(lock.matchAll(/^([\w.-]+(?:\[[^\]]*\])?)==([^\s;\\]+)/gm));
  const own = pins.find(([, found = ""]) => plainName(found) === plainName(name));
  if (own === undefined) throw new Error(`uv finds no version of ${name}`);
  return `${name}==${own[2]}`;
}

/** A name as PyPI compares it (PEP 503), without extras. */
export const plainName = (text: string): string =>
  text
    .replace(/\[.*$/, "")
    .toLowerCase()
    .replaceAll(/[-_.]+/g, "-");
