/** Asks an image's registry for its tags (OCI Distribution Specification, "Listing Tags"), as anybody without an account may. */
import * as z from "zod/mini";

const page = z.object({ tags: z.nullable(z.array(z.string())) });
const grant = z.object({ token: z.optional(z.string()), access_token: z.optional(z.string()) });

/** Pages of tags that are read, and milliseconds that each may take. */
const PAGES = 50;
const TIME = 15_000;

/** An image by its parts. */
export interface ImageName {
  /** undefined: it names none, and Docker asks its own. */
  readonly registry: string | undefined;
  readonly repository: string;
  readonly tag: string | undefined;
}

/** `ghcr.io/owner/name:v1.2.3`. The first part names a registry if it looks like a host. */
export function imageName(ref: string): ImageName {
  const [name = "", ...digest] = ref.split("@");
  const [, path = name, tag] = /^(.*?)(?::([^:/]+))?$/.exec(name) ?? [];
  const [first = "", ...rest] = path.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return {
    registry: isHost ? first : undefined,
    repository: isHost ? rest.join("/") : path,
    tag: digest.length > 0 ? undefined : tag,
  };
}

/** A tag that is a version: what stands before and behind its numbers, and these. */
const VERSION = /^(\D*?)(\d+(?:\.\d+)*)((?:[-_].*)?)$/;

/**
 * The newest tag that is written as this one is: `v1.2.3` by `v1.10.0`, but not by `v2`, `1.10.0` or `v1.10.0-rc1`.
 * @returns the same where none is newer; undefined for a tag that is no version
 */
export function newestTag(tag: string, tags: readonly string[]): string | undefined {
  const [, before, version = "", behind] = VERSION.exec(tag) ?? [];
  if (before === undefined) return undefined;
  const alike = tags.flatMap((other) => {
    const [, start, numbers = "", end] = VERSION.exec(other) ?? [];
    const isAlike = start === before && end === behind && parts(numbers).length === parts(version).length;
    return isAlike ? [{ other, numbers: parts(numbers) }] : [];
  });
  return alike.reduce((best, one) => (newer(one.numbers, best.numbers) ? one : best), {
    other: tag,
    numbers: parts(version),
  }).other;
}

const parts = (text: string) => text.split(".").map(Number);

/** @param than of as many parts */
function newer(one: readonly number[], than: readonly number[]): boolean {
  const at = one.findIndex((part, index) => part !== than[index]);
  return at >= 0 && one[at]! > than[at]!;
}

/** Every tag of an image. @throws Error that says why they cannot be had */
export async function tagsOf({ registry, repository }: ImageName, signal: AbortSignal): Promise<string[]> {
  if (registry === undefined) throw new Error("Gangway does not read the tags of Docker Hub");
  const scheme = /^(localhost|127\.0\.0\.1)(:|$)/.test(registry) ? "http" : "https";
  const tags: string[] = [];
  let url: string | undefined = `${scheme}://${registry}/v2/${repository}/tags/list?n=1000`;
  let token: string | undefined;
  for (let pages = 0; url !== undefined && pages < PAGES; pages++) {
    let answer = await get(url, token, signal);
    if (answer.status === 401 && token === undefined) {
      token = await anonymousToken(answer.headers.get("www-authenticate") ?? "", scheme, signal);
      answer = await get(url, token, signal);
    }
    if (!answer.ok)
      throw new Error(`${registry} answers ${answer.status} to whoever asks for its tags without an account`);
    tags.push(...(page.parse(await answer.json()).tags ?? []));
    url = nextPage(answer.headers.get("link"), url);
  }
  return tags;
}

async function get(url: string, token: string | undefined, signal: AbortSignal): Promise<Response> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    return await fetch(url, { headers, signal: AbortSignal.any([signal, AbortSignal.timeout(TIME)]) });
  } catch (cause) {
    signal.throwIfAborted();
    throw new Error(`${new URL(url).host} does not answer`, { cause });
  }
}

/** The registry says who gives tokens, and for what. */
async function anonymousToken(challenge: string, scheme: string, signal: AbortSignal): Promise<string> {
  const fields = Object.fromEntries(
    Array.from(challenge.matchAll(/(\w+)="([^"]*)"/g), ([, key, value]) => [key, value]),
  );
  const { realm = "", ...asked } = fields as Record<string, string>;
  if (!/^bearer /i.test(challenge) || !realm.startsWith(`${scheme}://`)) throw new Error("it wants an account");
  const url = new URL(realm);
  for (const key of ["service", "scope"]) if (asked[key] !== undefined) url.searchParams.set(key, asked[key]);
  const answer = await get(url.href, undefined, signal);
  const given = answer.ok ? grant.parse(await answer.json()) : {};
  const token = given.token ?? given.access_token;
  if (token === undefined) throw new Error("it wants an account");
  return token;
}

/** Only at the same registry: a token must not go elsewhere. */
function nextPage(link: string | null, from: string): string | undefined {
  const [, target] = /<([^>]+)>\s*;\s*rel="?next"?/.exec(link ?? "") ?? [];
  if (target === undefined) return undefined;
  const next = new URL(target, from);
  return next.origin === new URL(from).origin ? next.href : undefined;
}
