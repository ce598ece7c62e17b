/** Whether a Redis server is fit to keep logins and users. */
import { StoreRefused } from "../store.ts";

/** The oldest server with all that is used here. */
const OLDEST = 6;

/**
 * Looks at what the server says of itself.
 * @param info the answer to INFO
 * @param place where it is, for messages
 * @returns what whoever runs it should know; undefined = nothing
 * @throws StoreRefused when it is too old, or throws away what it keeps
 */
export function checkServer(info: string, place: string): string | undefined {
  const of = (name: string) => new RegExp(`^${name}:(.*)$`, "m").exec(info)?.[1]?.trim();
  const version = of("redis_version");
  if (Number.parseInt(version ?? `${OLDEST}`, 10) < OLDEST)
    throw new StoreRefused(`${place} is Redis ${version}, expected ${OLDEST} or newer`);
  const policy = of("maxmemory_policy") ?? "noeviction";
  if (policy !== "noeviction" && Number(of("maxmemory") ?? 0) > 0)
    throw new StoreRefused(
      `${place} throws away users and logins when its memory is full (maxmemory-policy ${policy}): set maxmemory-policy noeviction`,
    );
  if (of("aof_enabled") === "0")
    return `${place} writes no append-only file, so a crash loses what has changed since its last snapshot: set appendonly yes`;
  return undefined;
}
