/** The host of the stack services, for verbs that plan nothing. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { readMachine } from "../../stacks/machine/address.ts";
import { place, project } from "../../stacks/project.ts";
import type { Settings } from "../../stacks/settings.ts";
import { terraform } from "../../stacks/terraform.ts";
import { run } from "../kit/run.ts";
import { deployEnvironment } from "./stacks.ts";

const outputs = z.object({ host: z.optional(z.object({ value: z.string() })) });
const state = z.object({ outputs });

/**
 * The host of SERVER, or that of the droplet as the state of `edge` has it.
 * @returns as in a URL: an IPv6 address in brackets
 * @throws Error when it is not known here, with what to do
 */
export async function hostOfServices(settings: Settings, file = join(place.gangway, "state", "edge.tfstate")) {
  const machine = readMachine(settings.value("SERVER") ?? "");
  if (machine !== undefined) return machine.host.includes(":") ? `[${machine.host}]` : machine.host;
  const isInBucket = settings.value("STATE_BUCKET") !== undefined;
  const host = isInBucket ? await fromBucket() : hostIn(file);
  if (host !== undefined) return host;
  throw new Error(
    isInBucket
      ? "the address of the droplet is in the state of edge, which this folder has not read yet: npx gangway plan edge, or set DOCKER_HOST=ssh://root@<droplet>"
      : "the address of the droplet is not known here: npx gangway deploy edge, or set DOCKER_HOST=ssh://root@<droplet>",
  );
}

function hostIn(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const read = state.safeParse(JSON.parse(readFileSync(file, "utf8")));
  return read.data?.outputs.host?.value;
}

/** Terraform knows the bucket once it has planned here. */
async function fromBucket(): Promise<string | undefined> {
  const cwd = join(project, "cdktf.out", "stacks", "edge");
  if (!existsSync(join(cwd, ".terraform"))) return undefined;
  const { code, stdout } = await run([terraform, "output", "-json"], { cwd, env: deployEnvironment() });
  return code === 0 ? outputs.safeParse(JSON.parse(stdout)).data?.host?.value : undefined;
}
