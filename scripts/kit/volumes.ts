/** Without containers, a volume is a folder. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The volumes of a service: path in the container to name of the volume. */
type Volumes = Readonly<Record<string, string>>;

/** The text, with a container path at its beginning replaced by the volume's folder under `data`. */
export function followVolume(text: string, volumes: Volumes, data: string): string {
  // The longest mount point wins: one volume may be mounted inside another.
  const mounts = Object.entries(volumes).toSorted(([a], [b]) => b.length - a.length);
  const mount = mounts.find(([path]) => text === path || text.startsWith(`${path}/`));
  return mount ? join(data, mount[1], text.slice(mount[0].length)) : text;
}

/** Makes the folders of a service's volumes. A new one gets a file that says what it is for. */
export function prepareVolumes(
  { name, volumes }: { readonly name: string; readonly volumes: Volumes },
  data: string,
): void {
  for (const volume of Object.values(volumes)) {
    const path = join(data, volume);
    const isNew = mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined;
    if (isNew) writeFileSync(join(path, "welcome.txt"), welcome(name, volume));
  }
}

const welcome = (service: string, volume: string) =>
  `This folder is the volume "${volume}" of the service "${service}".\n` +
  `The service, and so everyone who may call it, can read and change these files. It sees nothing outside.\n`;
