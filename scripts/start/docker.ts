/** This machine's Docker, for servers whose kind is image(). */
import type { Machine } from "../../stacks/catalog/kinds/kind.ts";
import { project } from "../../stacks/project.ts";
import { ANSWER_TIME, docker, hasImage } from "../kit/docker.ts";
import { eachOf, type Progress } from "../kit/progress.ts";
import { LABEL } from "./container.ts";

/**
 * Whether there is a Docker for these images. Without images, nothing is asked.
 * @param wanted those that are pulled if they are not here: the services of the others lack a secret
 */
export async function findDocker(
  images: readonly string[],
  wanted: readonly string[],
  during: Progress,
): Promise<Machine["docker"]> {
  if (images.length === 0) return { images: new Map() };
  try {
    await docker(["version", "--format", "{{.Server.Version}}"], ANSWER_TIME);
  } catch (error) {
    return { problem: whatIsWrong(error as NodeJS.ErrnoException) };
  }
  const found = new Map<string, { readonly problem?: string }>(images.map((image) => [image, {}]));
  await removeContainers({ images: found }); // an earlier npm start was killed together with its gateway
  const missing = await whichAreMissing([...new Set(wanted)]);
  const pullOne = async (image: string) => {
    await docker(["pull", "--quiet", image]).catch((error: Error) => found.set(image, { problem: lastLine(error) }));
  };
  if (missing.length > 0) await during(`pulling ${missing.join(", ")}`, () => eachOf(missing, 2, pullOne));
  return { images: found };
}

/** Removes the containers of this project's `npm start` that are left behind. */
export async function removeContainers(found: Machine["docker"]): Promise<void> {
  if ("problem" in found || found.images.size === 0) return;
  const filter = `label=${LABEL}=${project}`;
  const ids = await docker(["ps", "--all", "--quiet", "--filter", filter], ANSWER_TIME).catch(() => "");
  if (ids.trim() !== "") await docker(["rm", "--force", ...ids.trim().split("\n")]).catch(() => {});
}

async function whichAreMissing(images: readonly string[]): Promise<string[]> {
  const here = await Promise.all(images.map(hasImage));
  return images.filter((_, at) => !here[at]);
}

/** Finishes "needs Docker (...)": what is wrong, and what to do. */
export function whatIsWrong({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT") return "there is no docker command: install it";
  if (/permission denied/i.test(message))
    return "this user may not use it: add it to the group docker, and log in again";
  return "its engine does not answer: start it";
}

const lastLine = ({ message }: Error) => message.trim().split("\n").at(-1) ?? "it cannot be pulled";
