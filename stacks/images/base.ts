/** The image that every gateway's image is built on. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { place } from "../project.ts";
import { shipped } from "../shipped.ts";

/** Where a project pins its base. It is committed, so that laptop and CI build on the same one. */
export const BASE_FILE = join(place.locks, "base.json");

/** An image by its name, with its digest where one is pinned. */
export interface Base {
  readonly image: string;
  readonly digest?: string;
}

/** That of the project, or the one that comes with us: a project that pins none follows an upgrade. */
export function readBase(): Base {
  const file = existsSync(BASE_FILE) ? BASE_FILE : shipped("stacks/locks/base.json");
  return JSON.parse(readFileSync(file, "utf8")) as Base;
}

/** The base as Docker names it, with its digest where one is pinned. Its major version of Node is the gateway's. */
export function base(): string {
  const { image, digest } = readBase();
  return digest === undefined ? image : `${image}@${digest}`;
}
