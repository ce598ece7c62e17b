/** A volume as a folder: where a service has no container of its own, several may have a volume at the same path. */
import { posix } from "node:path";

/**
 * The text, with a container path at its beginning replaced by the volume's folder under `data`.
 * @param volumes path in a container of the service's own to name of the volume
 */
export function followVolume(text: string, volumes: Readonly<Record<string, string>>, data: string): string {
  // The longest mount point wins: one volume may be mounted inside another.
  const mounts = Object.entries(volumes).toSorted(([a], [b]) => b.length - a.length);
  const mount = mounts.find(([path]) => text === path || text.startsWith(`${path}/`));
  return mount ? posix.join(data, mount[1], text.slice(mount[0].length)) : text;
}
