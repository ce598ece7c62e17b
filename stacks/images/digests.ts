/** The digests of the images that a deployment pulls: a tag may be moved by whoever owns it, or took it over. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { place } from "../project.ts";

/** The digest of each image, by its name with its tag. Committed; `npx gangway update --images` writes it. */
export type Digests = Readonly<Record<string, string>>;

/** Beside the lockfiles of the servers. */
export const IMAGES_FILE = join(place.locks, "images.json");

export const readDigests = (file: string = IMAGES_FILE): Digests =>
  existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Digests) : {};

/**
 * An image as Docker is asked for it: by its digest, where one is recorded.
 * @example pinned("postgres:18.4") // "postgres:18.4@sha256:..."
 */
export function pinned(image: string, digests: Digests = readDigests()): string {
  const digest = digests[image];
  return digest === undefined ? image : `${image}@${digest}`;
}
