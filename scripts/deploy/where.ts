/** Where the host of a stack is: before a plan is applied, after it was, and without any plan. */
import type { DockerCommand } from "../../stacks/provision/docker.ts";
import { environmentVariable, type Settings } from "../../stacks/settings.ts";
import { readMachine } from "../../stacks/machine/address.ts";
import { addressOf } from "./engine-words.ts";
import { KNOWS_NOTHING } from "./known.ts";
import { deployEnvironment } from "./stacks.ts";
import { synthesize } from "./synth.ts";
import { isTooEarly, StackFolder } from "./terraform.ts";

/** An engine; without an address, that of Docker's command line here. */
export type Address = Pick<DockerCommand, "host" | "keyFile">;

/** Of a stack that has been planned. @returns undefined while there is no host */
export const addressIn = (folder: StackFolder, settings: Settings): Address | undefined =>
  addressOf(folder.stack, folder.known, settings);

/** Of a stack that has been applied: a new droplet has an address now, and one may have been replaced. */
export async function addressAfter(folder: StackFolder, settings: Settings): Promise<Address | undefined> {
  if (folder.stack !== "edge") return addressIn(folder, settings);
  const host = await folder.output("host");
  return host === undefined ? undefined : addressOf("edge", { ...KNOWS_NOTHING, host }, settings);
}

/** Of a stack that has been destroyed: a machine that was there before stays, a droplet goes. */
export async function addressLeft(folder: StackFolder, settings: Settings): Promise<Address | undefined> {
  const isDroplet = folder.stack === "edge" && settings.value("SERVER") === undefined;
  return isDroplet ? addressAfter(folder, settings) : addressIn(folder, settings);
}

/**
 * Of a stack as it is deployed now. DOCKER_HOST=ssh://... wins, as it does for Docker; then SERVER; the address of a droplet is
 * in the state of the stack edge.
 * @throws Error when there is no host yet
 */
export async function addressNow(stack: string, settings: Settings): Promise<Address> {
  const { sshKeyFile: keyFile } = settings;
  if (stack === "local" || environmentVariable("DOCKER_HOST")?.startsWith("ssh://")) return { keyFile };
  const machine = readMachine(settings.value("SERVER") ?? "");
  const host = machine?.host ?? (await dropletNow());
  const address = host === undefined ? undefined : addressOf(stack, { ...KNOWS_NOTHING, host }, settings);
  if (address === undefined) throw new Error(`${stack} has no host yet: npx gangway deploy edge ${stack}`);
  return address;
}

async function dropletNow(): Promise<string | undefined> {
  const env = deployEnvironment();
  await synthesize(env, ["edge"]);
  return new StackFolder("edge", env).output("host").catch((error: Error) => {
    if (!isTooEarly(error)) throw error;
    return undefined;
  });
}
