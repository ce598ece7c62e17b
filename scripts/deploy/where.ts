/** The engine of a stack's host: before a plan is applied, after it was, and without any plan. */
import { environmentVariable, type Settings } from "../../stacks/settings.ts";
import { type Address, addressOf, type AskEngine, hostEngineOf } from "./engine-words.ts";
import { hostOfServices } from "./services-host.ts";
import type { StackFolder } from "./terraform.ts";

/** Of a stack that has been planned. @returns undefined while there is no host */
export const engineIn = (folder: StackFolder, settings: Settings): AskEngine | undefined =>
  hostEngineOf(folder.stack, folder.known, settings);

/** Of a stack that has been applied: a new droplet has an address now, and one may have been replaced. */
export async function engineAfter(folder: StackFolder, settings: Settings): Promise<AskEngine | undefined> {
  if (folder.stack !== "edge") return engineIn(folder, settings);
  const host = await folder.output("host");
  return host === undefined ? undefined : hostEngineOf("edge", { host }, settings);
}

/** Of a stack that has been destroyed: a machine that was there before stays, a droplet goes. */
export async function engineLeft(folder: StackFolder, settings: Settings): Promise<AskEngine | undefined> {
  const isDroplet = folder.stack === "edge" && settings.value("SERVER") === undefined;
  return isDroplet ? engineAfter(folder, settings) : engineIn(folder, settings);
}

/**
 * Where it is for a stack as it is deployed now. DOCKER_HOST=ssh://... wins, as it does for Docker; then SERVER; the address of a
 * droplet is in the state of the stack edge.
 * @throws Error when there is no host yet
 */
export async function addressNow(stack: string, settings: Settings): Promise<Address> {
  if (stack === "local" || environmentVariable("DOCKER_HOST")?.startsWith("ssh://"))
    return { keyFile: settings.sshKeyFile };
  return addressOf(stack, { host: await hostOfServices(settings) }, settings)!;
}
