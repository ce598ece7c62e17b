/** Without containers, a volume is a folder. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Service } from "../../stacks/catalog/entry.ts";

/** Makes the folders of a service's volumes. A new one gets a file that says what it is for. */
export function prepareVolumes({ name, volumes }: Service, data: string): void {
  for (const volume of Object.values(volumes)) {
    const path = join(data, volume);
    const isNew = mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined;
    if (isNew) writeFileSync(join(path, "welcome.txt"), welcome(name, volume));
  }
}

const welcome = (service: string, volume: string) =>
  `This folder is the volume "${volume}" of the service "${service}".\n` +
  `The service, and so everyone who may call it, can read and change these files. It sees nothing outside.\n`;
