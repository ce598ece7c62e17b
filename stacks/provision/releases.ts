/** The releases of a service on a host: images that have passed the gate, each with a tag that says when. */
import { docker } from "./docker.ts";

/** Images of a service that are kept for a rollback, the one that runs among them. */
const KEEP = 3;

/** A release: an image that served. */
export interface Release {
  /** The image's own id. */
  readonly image: string;
  /** The digest of what it was built from: its tag. */
  readonly digest: string;
  /** When it passed the gate, as in 20261121T101530Z. */
  readonly released: string;
}

/** Notes that the image of this container has served, and removes the images that no rollback will go back to. */
export async function markReleased(service: string, container: string, now: Date = new Date()): Promise<void> {
  const image = (await docker(["inspect", "--format", "{{.Image}}", container])).trim();
  await docker(["tag", image, `gangway/${service}:${TAG}${now.toISOString().replaceAll(/[-:]|\.\d+/g, "")}`]);
  await prune(service);
}

/** The releases of a service, the newest first. @param keyFile as in `docker` */
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

/** Removes every image of the service but the last few that served; one that a container still uses stays. */
async function prune(service: string): Promise<void> {
  const kept = new Set([...new Set((await releasesOf(service)).map(({ image }) => image))].slice(0, KEEP));
  for (const { image, tag } of await imagesOf(service))
    if (!kept.has(image) && !(await isUsed(image)))
      await docker(["rmi", "--no-prune", `gangway/${service}:${tag}`]).catch(() => {}); // no reason to fail a deploy
}

/** Docker would take all tags but the last one from an image that a container uses: nobody could go back to it. */
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
