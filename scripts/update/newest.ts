/** The newest version of a service's server. */
import type { Service } from "../../stacks/catalog/entry.ts";
import { splitPackage } from "../../stacks/catalog/kinds/npm-package.ts";
import { bare } from "../kit/candidate.ts";
import { exactSpec, newestOnNpm } from "../kit/versions.ts";
import type { Workshop } from "../kit/workshop.ts";
import { imageName, newestTag, tagsOf } from "./image-tags.ts";

/** A server of the catalog that has a version, and the one that is newest. */
export interface Newest {
  /** What its builder is given now, and what it would be given. */
  readonly have: string;
  readonly newest: string;
  /** When that was released. @default - nobody says */
  readonly released?: Date | undefined;
}

/**
 * @returns undefined for a server that has no version: one elsewhere, a command of the reader's own, a group
 * @throws Error that says why it cannot be known
 */
export async function newestOf({ server }: Pick<Service, "server">, shop: Workshop): Promise<Newest | undefined> {
  switch (server.kind) {
    case "npm": {
      const { name } = splitPackage(server.package);
      const { version, released } = await newestOnNpm(name, shop);
      return { have: server.package, newest: `${name}@${version}`, released };
    }
    case "pypi": {
      const [source = ""] = server.package.split("==");
      return { have: server.package, newest: await exactSpec(bare("pypi", source, []), shop) };
    }
    case "image":
    case "app":
      return newestImage(server.image, shop.signal);
    case "command":
    case "http":
    case "sse":
    case "group":
      return undefined;
  }
}

/** Of an image, by the tags that are written as its own. @throws Error that says why it cannot be known */
export async function newestImage(have: string, signal: AbortSignal): Promise<Newest> {
  const name = imageName(have);
  if (name.tag === undefined || newestTag(name.tag, []) === undefined) throw new Error("its tag is not a version");
  const newest = newestTag(name.tag, await tagsOf(name, signal))!;
  return { have, newest: `${have.slice(0, -name.tag.length)}${newest}` };
}

/** The version at the end of what a builder is given. */
export const versionIn = (spec: string): string => /(?:==|[@:])([^@:/=]+)$/.exec(spec)?.[1] ?? spec;
