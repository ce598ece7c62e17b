/** The image that every gateway's image is built on. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { place } from "../project.ts";
import { shipped } from "../shipped.ts";

/** Names the project's base. It is committed, so that laptop and CI build on the same one. */
export const BASE_FILE = join(place.locks, "base.json");

/** A base image. */
export interface Base {
  readonly image: string;
  /** Where one is pinned. */
  readonly digest?: string;
}

/** The project's base; ours, where the project has not chosen one. Its major version of Node is the gateway's. */
export function readBase(file: string = BASE_FILE): Base {
  const chosen = existsSync(file) ? file : shipped("stacks/locks/base.json");
  return JSON.parse(readFileSync(chosen, "utf8")) as Base;
}

/** The base as Docker names it. */
export function base(): string {
  const { image, digest } = readBase();
  return digest === undefined ? image : `${image}@${digest}`;
}
