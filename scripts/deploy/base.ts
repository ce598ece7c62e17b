/** Moves the images of all gateways to the newest base image. */
import { readFileSync, writeFileSync } from "node:fs";
import { $ } from "zx/core";
import { BASE_FILE } from "../../stacks/images/base.ts";

/** Pulls the base image and records its digest. @returns what happened, for the person who deploys */
export async function refreshBase(): Promise<string> {
  const { image } = JSON.parse(readFileSync(BASE_FILE, "utf8")) as { image: string };
  const pulled = await $({ nothrow: true, quiet: true })`docker pull --quiet ${image}`;
  if (pulled.exitCode !== 0) throw new Error(`${image} could not be pulled: ${pulled.stderr.trim()}`);
  const digests = await $({ quiet: true })`docker image inspect --format ${"{{json .RepoDigests}}"} ${image}`;
  const digest = (JSON.parse(digests.stdout) as string[])[0]?.split("@")[1];
  if (digest === undefined) throw new Error(`${image} has no digest: it was not pulled from a registry`);
  writeFileSync(BASE_FILE, `${JSON.stringify({ image, digest }, undefined, 2)}\n`);
  return `images are built on ${image}@${digest}: commit stacks/locks/base.json`;
}
