/** Moves the images of all gateways to the newest base image. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { BASE_FILE, readBase } from "../../stacks/images/base.ts";
import { shown } from "../../stacks/project.ts";
import { run, runWell } from "../kit/run.ts";

/** Pulls the base image and records its digest in the project. @returns what happened, for the person who deploys */
export async function refreshBase(file: string = BASE_FILE): Promise<string> {
  const { image } = readBase(file);
  const pulled = await run(["docker", "pull", "--quiet", image]);
  if (pulled.code !== 0) throw new Error(`${image} could not be pulled: ${pulled.stderr.trim()}`);
  const digests = await runWell(["docker", "image", "inspect", "--format", "{{json .RepoDigests}}", image]);
  const digest = (JSON.parse(digests) as string[])[0]?.split("@")[1];
  if (digest === undefined) throw new Error(`${image} has no digest: it was not pulled from a registry`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ image, digest }, undefined, 2)}\n`);
  return `images are built on ${image}@${digest}: commit ${shown(file)}`;
}
