/** The releases of a service on a host: images that have passed the gate, each tagged with the time. */
import { docker } from "./docker.ts";

/** How many images of a service to keep for a rollback, including the running one. */
const KEEP = 3;

/** An image that has served. */
export interface Release {
  /** The image's id. */
  readonly image: string;
  /** The digest of what it was built from, which is its tag. */
  readonly digest: string;
  /** When it passed the gate, as in 20261121T101530Z. */
  readonly released: string;
}

/** Tags the image of this container as released, and removes images that are too old for a rollback. */
export async function markReleased(service: string, container: string, now: Date = new Date()): Promise<void> {
  const image = (await docker(["inspect", "--format", "{{.Image}}", container])).trim();
  await docker(["tag", image, `gangway/${service}:${TAG}${now.toISOString().replaceAll(/[-:]|\.\d+/g, "")}`]);
  await prune(service);
}

/** The releases of a service, newest first. @param keyFile as in `docker` */
export async function releasesOf(service: string, keyFile?: string): Promise<Release[]> {
  const images = await imagesOf(service, keyFile);
  const digests = new Map(images.filter(({ tag }) => /^[0-9a-f]{16}$/.test(tag)).map(({ image, tag }) => [image, tag]));
  const released = images.filter(({ tag }) => tag.startsWith(TAG)).toSorted((a, b) => (a.tag < b.tag ? 1 : -1));
  return released.map(({ image, tag }) => ({
    image,
    digest: digests.get(image) ?? "",
    released: tag.slice(TAG.length),
  }));
}

/** Removes all images of the service except the last few releases and those that a container still uses. */
async function prune(service: string): Promise<void> {
  const kept = new Set([...new Set((await releasesOf(service)).map(({ image }) => image))].slice(0, KEEP));
  for (const { image, tag } of await imagesOf(service))
    if (!kept.has(image) && !(await isUsed(image)))
      await docker(["rmi", "--no-prune", `gangway/${service}:${tag}`]).catch(() => {}); // not worth failing a deploy
}

/** Docker would strip an image in use of all tags but the last, so that no rollback could find it. */
const isUsed = async (image: string) =>
  (await docker(["ps", "--all", "--quiet", "--filter", `ancestor=${image}`])) !== "";

async function imagesOf(service: string, keyFile?: string) {
  const format = "{{.Tag}} {{.ID}}";
  const words = ["images", "--no-trunc", "--format", format, `gangway/${service}`];
  const lines = (await docker(words, "", keyFile)).trim().split("\n");
  return lines.filter(Boolean).map((line) => {
    const [tag = "", image = ""] = line.split(" ");
    return { tag, image };
  });
}

const TAG = "released-";
