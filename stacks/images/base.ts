/** The image that every gateway's image is built on. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { place } from "../project.ts";

/** Names the base. It is committed, so that laptop and CI build on the same one. */
export const BASE_FILE = join(place.locks, "base.json");

/** The base as Docker names it, with its digest where one is pinned. Its major version of Node is the gateway's. */
export function base(): string {
  const { image, digest } = JSON.parse(readFileSync(BASE_FILE, "utf8")) as { image: string; digest?: string };
  return digest === undefined ? image : `${image}@${digest}`;
}
