/** The image that every gateway's image is made of. */
import { readFileSync } from "node:fs";

/** Where a chosen base is kept, to be committed: laptop and CI build on the same one. */
export const BASE_FILE = new URL("../locks/base.json", import.meta.url);

/** The base as Docker knows it: a name, and its digest where one was pinned. Node's major is the gateway's own. */
export function base(): string {
  const { image, digest } = JSON.parse(readFileSync(BASE_FILE, "utf8")) as { image: string; digest?: string };
  return digest === undefined ? image : `${image}@${digest}`;
}
