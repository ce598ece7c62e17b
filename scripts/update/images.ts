/** The digests of the images that a deployment pulls, as their registries have them now. */
import type { Service } from "../../stacks/catalog/entry.ts";
import { BASE_FILE, readBase } from "../../stacks/images/base.ts";
import { type Digests, IMAGES_FILE, readDigests } from "../../stacks/images/digests.ts";
import { ACME_COMPANION_IMAGE, CONNECTOR_IMAGE, NGINX_PROXY_IMAGE } from "../../stacks/images/proxy-images.ts";
import { textOf } from "../kit/change.ts";
import { run } from "../kit/run.ts";
import type { Change } from "../kit/write-files.ts";

/** An image, the digest that is recorded of it, and the one that its tag has now. */
export interface Moved {
  readonly image: string;
  /** @default - none is recorded */
  readonly before?: string | undefined;
  readonly after: string;
}

/** Every image by its tag that a deployment of these services pulls, the base of their own images first. */
export function imagesOf(services: readonly Pick<Service, "server">[]): string[] {
  const named = services.flatMap(({ server }) => ("image" in server ? server.image : []));
  const all = [readBase().image, NGINX_PROXY_IMAGE, ACME_COMPANION_IMAGE, CONNECTOR_IMAGE, ...named];
  return [...new Set(all)].filter((image) => !image.includes("@"));
}

/** What is recorded. */
export function recordedDigests(): Digests {
  const { image, digest } = readBase();
  return { ...readDigests(), ...(digest !== undefined && { [image]: digest }) };
}

/**
 * Pulls an image. Docker's own client is asked, because a registry may want an account that it has.
 * @throws Error that says why there is no digest: without its registry nobody knows it
 */
export async function digestOf(image: string): Promise<string> {
  const pulled = await run(["docker", "pull", "--quiet", image]);
  if (pulled.code !== 0) throw new Error(`${image} could not be pulled: ${pulled.stderr.trim()}`);
  const { stdout } = await run(["docker", "image", "inspect", "--format", "{{json .RepoDigests}}", image]);
  const [repository = ""] = image.split(/:(?=[^/]*$)/);
  const digests = (JSON.parse(stdout || "[]") as string[] | null) ?? [];
  const own = digests.find((digest) => digest.startsWith(`${repository}@`)) ?? digests[0];
  if (own === undefined) throw new Error(`${image} has no digest: it was not pulled from a registry`);
  return own.slice(own.indexOf("@") + 1);
}

/** The files with the new digests. An image that the catalog no longer names is left out. */
export function digestChanges(digests: Digests): Change[] {
  const { image: base } = readBase();
  const { [base]: ofBase, ...others } = digests;
  return [
    ...(ofBase === undefined ? [] : [change(BASE_FILE, { image: base, digest: ofBase })]),
    change(
      IMAGES_FILE,
      Object.fromEntries(Object.entries(others).toSorted(([one], [other]) => (one < other ? -1 : 1))),
    ),
  ];
}

const change = (path: string, value: object): Change => ({
  path,
  before: textOf(path),
  after: `${JSON.stringify(value, undefined, 2)}\n`,
});

/** A line for each image that has moved. */
export const movedLines = (moved: readonly Moved[]): string[] =>
  moved.map(
    ({ image, before, after }) =>
      `${image}: ${before === undefined ? "was at no digest" : short(before)} -> ${short(after)}`,
  );

/** As Docker shows it. */
const short = (digest: string) => digest.slice(0, "sha256:".length + 12);
