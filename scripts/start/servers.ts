/** Gets this machine ready for the services: npm servers installed, images pulled, folders made. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Service } from "../../stacks/catalog/entry.ts";
import { kindOf } from "../../stacks/catalog/kinds/registry.ts";
import type { Settings } from "../../stacks/settings.ts";
import { project } from "../../stacks/project.ts";
import { folder, shown } from "../kit/folder.ts";
import { findDocker } from "./docker.ts";
import { install, isInstalled } from "../kit/install.ts";
import type { RunNpm } from "../kit/npm.ts";
import type { Place } from "./plan.ts";
import { onPath } from "../kit/on-path.ts";
import { eachOf, type Progress } from "../kit/progress.ts";
import { prepareVolumes } from "../kit/volumes.ts";

/** What preparing needs from the verb. */
export interface Tools {
  /** Called only when there is something to install. */
  readonly npm: () => RunNpm;
  readonly during: Progress;
  /** Takes a line for the reader, to be shown at the end. */
  readonly notice: (line: string) => void;
}

type Installed = Map<string, { readonly bin: string } | { readonly problem: string }>;

/** Installs what is missing and says what this machine has. A server that cannot be installed stops no other. */
export async function prepareMachine(services: readonly Service[], settings: Settings, tools: Tools): Promise<Place> {
  const hasSecrets = ({ secrets }: Service) => secrets.every((name) => settings.value(name) !== undefined);
  for (const service of services.filter(runsHere)) {
    prepareVolumes(service, folder.data);
    mkdirSync(join(folder.work, service.name), { recursive: true });
  }
  return {
    node: process.execPath,
    project,
    data: folder.data,
    work: folder.work,
    uvx: onPath("uvx"),
    npm: await installAll(services, tools),
    docker: await findDocker(imagesOf(services), imagesOf(services.filter(hasSecrets)), tools.during),
  };
}

async function installAll(services: readonly Service[], { npm, during, notice }: Tools): Promise<Installed> {
  const found: Installed = new Map();
  const installOne = async (spec: string) => {
    try {
      const { bin, newLock } = await install(spec, npm);
      found.set(spec, { bin });
      if (newLock !== undefined) notice(`${shown(newLock)} is new: commit it.`);
    } catch (error) {
      found.set(spec, { problem: (error as Error).message });
    }
  };
  const specs = services.map(packageOf).filter((spec) => spec !== undefined);
  const work = () => eachOf([...new Set(specs)], 2, installOne);
  const missing = services.filter((service) => !isInstalled(packageOf(service)));
  await (missing.length === 0 ? work() : during(`installing ${missing.map(nameOf).join(", ")} from npm`, work));
  return found;
}

/** How it runs here; undefined for what does not: upstreams, apps, and whoever reaches an app. */
const localOf = ({ server, reaches }: Service) => {
  const kind = kindOf(server);
  return kind.role === "stdio" && reaches.length === 0 ? kind.local : undefined;
};
const runsHere = (service: Service) => localOf(service) !== undefined;
const packageOf = (service: Service) => localOf(service)?.npmPackage?.(service.server);
const imagesOf = (services: readonly Service[]) =>
  services.flatMap((service) => localOf(service)?.image?.(service.server) ?? []);
const nameOf = ({ name }: Service) => name;
