/**
 * The releases of a service on an engine: what has passed the gate. Each is a tag that names the images of its gateway and its
 * server by their digests. An image tells its digest by a label, because `docker system prune` takes tags away.
 */
import { AUTH_SERVER } from "../catalog/containers.ts";
import { PART_LABEL, RELEASE_LABEL, SERVICE_LABEL } from "../constructs/labels.ts";
import { imageName, imagesOf } from "../images/names.ts";
import type { Pin } from "../images/pins.ts";
import { docker } from "./docker.ts";

/** How many releases of a service to keep for a rollback, including the running one. */
const KEEP = 3;

/** What has served. */
export interface Release {
  readonly pin: Pin;
  /** When it passed the gate by the engine's clock, as in 20261121T101530Z. */
  readonly released: string;
}

/**
 * Tags what runs in these containers as released, and removes images that are too old for a rollback.
 * @param now @default - what the engine's clock says: that of whoever deploys may be wrong, and others deploy to the same engine
 */
export async function markReleased(service: string, containers: readonly string[], now?: Date): Promise<void> {
  const parts = await Promise.all(containers.map((container) => partIn(container)));
  const pin = Object.fromEntries(parts.map(({ part, digest }) => [part, digest])) as Pin;
  const { image } = parts.find(({ part }) => part === "server") ?? parts[0]!;
  await docker(["tag", image, `${imagesOf(service)}:${tagOf(pin, now ?? (await engineTime()))}`]);
  await prune(service, parts);
}

/** Runs a docker command on the engine. @returns what it prints */
type Ask = (words: readonly string[]) => Promise<string>;

/** The engine that Terraform's programs use. */
const here: Ask = (words) => docker(words);

/** The releases of a service whose images are all there, newest first. */
export async function releasesOf(service: string, ask: Ask = here): Promise<Release[]> {
  const images = await imagesHere(ask);
  const digests = new Set(images.map(({ digest }) => digest));
  return releasesIn(images, service).filter(({ pin }) => Object.values(pin).every((digest) => digests.has(digest)));
}

/** What runs of a service; undefined = nothing. */
export async function runningRelease(service: string, ask: Ask = here): Promise<Pin | undefined> {
  const format = `{{.Label "${PART_LABEL}"}} {{.Label "${RELEASE_LABEL}"}}`;
  const lines = linesOf(await ask(["ps", "--filter", `label=${SERVICE_LABEL}=${service}`, "--format", format]));
  const parts = lines.map((line) => line.split(" ")).filter(([, digest]) => digest !== undefined && digest !== "");
  return parts.length === 0 ? undefined : (Object.fromEntries(parts.toReversed()) as Pin); // the newest is the first
}

/**
 * Gives the images of a pin the names that a plan looks for.
 * @returns the parts whose images are gone
 */
export async function holdPin(service: string, pin: Pin, ask: Ask = here): Promise<string[]> {
  const images = await imagesHere(ask);
  const gone: string[] = [];
  for (const [part, digest] of Object.entries(pin)) {
    const found = images.find((image) => image.digest === digest);
    if (found === undefined) gone.push(part);
    else await ask(["tag", found.id, imageName(service, digest)]);
  }
  return gone;
}

const TAG = "released-";

const tagOf = ({ gateway, server, auth }: Pin, time: Date) =>
  TAG + [compact(time), gateway ?? auth, server].filter((word) => word !== undefined).join("-");

/** As a tag can have it: 20261121T101530Z. */
const compact = (time: Date) => time.toISOString().replaceAll(/[-:]|\.\d+/g, "");

/** Newest first. */
function releasesIn(images: readonly Image[], service: string): (Release & { readonly tag: string })[] {
  const tags = images.filter(({ repository }) => repository === imagesOf(service)).map(({ tag }) => tag);
  const released = tags
    .filter((tag) => tag.startsWith(TAG))
    .toSorted()
    .toReversed();
  return released.map((tag) => {
    const [time = "", first = "", server] = tag.slice(TAG.length).split("-");
    const pin = service === AUTH_SERVER ? { auth: first } : { gateway: first, ...(server !== undefined && { server }) };
    return { tag, pin, released: time };
  });
}

/** Removes the images that no release needs any more of those that are kept, and the tags of their earlier releases. */
async function prune(service: string, running: readonly { readonly image: string }[]): Promise<void> {
  const images = await imagesHere();
  await remove(images, service, releasesIn(images, service));
  // What another service is about to start has no container yet: only what runs here tells which gateway is the common one.
  const isCommon = images.some(
    ({ id, repository }) => repository === COMMON && running.some(({ image }) => image === id),
  );
  if (isCommon) await removeGateways(images);
}

async function remove(images: readonly Image[], service: string, releases: readonly (Release & { tag: string })[]) {
  const kept = newestOf(releases);
  const digests = new Set(kept.flatMap(({ pin }) => Object.values(pin)));
  const tags = new Set(kept.map(({ tag }) => tag));
  for (const image of images.filter(({ repository }) => repository === imagesOf(service)))
    if (image.tag.startsWith(TAG) ? !tags.has(image.tag) : !digests.has(image.digest)) await untag(image);
}

/** A gateway's image is needed as long as any service has a release with it. */
async function removeGateways(images: readonly Image[]): Promise<void> {
  const services = new Set(images.map(({ repository }) => repository.slice(imagesOf("").length)));
  const digests = new Set(
    [...services].flatMap((service) => newestOf(releasesIn(images, service)).map(({ pin }) => pin.gateway)),
  );
  for (const image of images.filter(({ repository }) => repository === COMMON))
    if (!digests.has(image.digest)) await untag(image);
}

/** The last few that differ. */
function newestOf<R extends Release>(releases: readonly R[]): R[] {
  const distinct = new Map<string, R>();
  for (const release of releases) {
    const key = JSON.stringify(release.pin);
    if (!distinct.has(key)) distinct.set(key, release);
  }
  return [...distinct.values()].slice(0, KEEP);
}

/** Docker would strip an image in use of all tags but the last. A failure is not worth failing a deploy. */
async function untag({ id, repository, tag }: Image): Promise<void> {
  const isUsed =
    !tag.startsWith(TAG) && (await docker(["ps", "--all", "--quiet", "--filter", `ancestor=${id}`])) !== "";
  if (!isUsed) await docker(["rmi", "--no-prune", `${repository}:${tag}`]).catch(() => {});
}

/** The repository of the image that gateways have, unless they need one of their own. */
const COMMON = imagesOf("gateway");

/** A tag of an image of ours, or an image without one. */
interface Image {
  readonly id: string;
  readonly repository: string;
  readonly tag: string;
  /** Of what it is built from. */
  readonly digest: string;
}

async function imagesHere(ask: Ask = here): Promise<Image[]> {
  const format = "{{.ID}} {{.Repository}} {{.Tag}}";
  const lines = linesOf(await ask(["images", "--no-trunc", "--filter", `label=${RELEASE_LABEL}`, "--format", format]));
  const tags = lines.map((line) => line.split(" ") as [string, string, string]);
  if (tags.length === 0) return [];
  const ids = [...new Set(tags.map(([id]) => id))];
  const label = `{{.Id}} {{index .Config.Labels "${RELEASE_LABEL}"}}`;
  const labels = linesOf(await ask(["image", "inspect", "--format", label, ...ids]));
  const digests = new Map(labels.map((line) => line.split(" ") as [string, string]));
  return tags.map(([id, repository, tag]) => ({ id, repository, tag, digest: digests.get(id) ?? "" }));
}

const engineTime = async () => new Date((await docker(["info", "--format", "{{.SystemTime}}"])).trim());

/** What runs in a container of ours. */
async function partIn(container: string) {
  const format = `{{.Image}} {{index .Config.Labels "${PART_LABEL}"}} {{index .Config.Labels "${RELEASE_LABEL}"}}`;
  const [image = "", part = "", digest = ""] = (await docker(["inspect", "--format", format, container]))
    .trim()
    .split(" ");
  return { image, part, digest };
}

const linesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "");
