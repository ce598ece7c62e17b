/** What we keep on a host itself: files in the volume `gangway-state`, reached through the engine, wherever that is. */
import { packed, type TextFile, unpacked } from "./tar.ts";

/** Runs a docker command on the engine of a host. @param input its standard input @throws Error with its standard error */
export type HostEngine = (words: readonly string[], input?: string) => Promise<string>;

/** Neither removed by a destroy nor named in a state, so it outlives every deployment on the host. */
const VOLUME = "gangway-state";

/** It never runs: Docker copies to and from the volumes of a container that has only been created. */
const CONTAINER = "gangway-state";

const FOLDER = "/state";

/** An empty image, made on the spot: a host that has never been deployed to has no other, and a registry may be out of reach. */
const IMAGE = "localhost/gangway-state";

const EMPTY_TAR = "\0".repeat(1024);

/** The text files of a folder of the volume; none while there is no such folder. */
export async function readFiles(engine: HostEngine, folder: string): Promise<TextFile[]> {
  try {
    return unpacked(await withContainer(engine, () => engine(["cp", `${CONTAINER}:${FOLDER}/${folder}`, "-"])));
  } catch (error) {
    if (/could not find the file|no such container:path/i.test((error as Error).message)) return [];
    throw error;
  }
}

/** Writes one file of a folder of the volume; one that is there is replaced. */
export async function writeFile(engine: HostEngine, folder: string, file: TextFile): Promise<void> {
  const tar = packed({ name: `${folder}/${file.name}`, text: file.text });
  await withContainer(engine, () => engine(["cp", "-", `${CONTAINER}:${FOLDER}`], tar));
}

/** Makes the container where it is missing: for the first time, or after a `docker system prune`, which leaves the volume. */
async function withContainer(engine: HostEngine, copy: () => Promise<string>): Promise<string> {
  try {
    return await copy();
  } catch (error) {
    if (!/no such container/i.test((error as Error).message)) throw error;
  }
  try {
    await createContainer(engine, CONTAINER, ["--mount", `type=volume,source=${VOLUME},target=${FOLDER}`]);
  } catch (error) {
    if (!isTaken(error as Error)) throw error; // somebody else has made it meanwhile
  }
  return copy();
}

/**
 * Creates a container that never runs. Of several that want the same name at once, the engine lets one have it.
 * @returns its id
 * @throws Error for which `isTaken` tells whether the name is taken
 */
export async function createContainer(engine: HostEngine, name: string, options: readonly string[]): Promise<string> {
  const create = () => engine(["create", "--pull", "never", "--name", name, ...options, IMAGE, "none"]);
  const id = await create().catch(async (error: Error) => {
    if (!/no such image/i.test(error.message)) throw error;
    await engine(["import", "-", IMAGE], EMPTY_TAR);
    return create();
  });
  return id.trim();
}

export const isTaken = ({ message }: Error): boolean => /name .* is already in use/i.test(message);

/** What the engine's clock says: whoever deploys from different machines is compared by one clock. */
export const timeOf = async (engine: HostEngine): Promise<Date> =>
  new Date((await engine(["info", "--format", "{{.SystemTime}}"])).trim());
