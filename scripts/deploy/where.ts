/** Where the host of a stack is: before a plan is applied, after it was, and without any plan. */
import { environmentVariable, type Settings } from "../../stacks/settings.ts";
import { type Address, addressOf } from "./engine-words.ts";
import { hostOfServices } from "./services-host.ts";
import type { StackFolder } from "./terraform.ts";

/** Of a stack that has been planned. @returns undefined while there is no host */
export const addressIn = (folder: StackFolder, settings: Settings): Address | undefined =>
  addressOf(folder.stack, folder.known, settings);

/** Of a stack that has been applied: a new droplet has an address now, and one may have been replaced. */
export async function addressAfter(folder: StackFolder, settings: Settings): Promise<Address | undefined> {
  if (folder.stack !== "edge") return addressIn(folder, settings);
  const host = await folder.output("host");
  return host === undefined ? undefined : addressOf("edge", { host }, settings);
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
  if (stack === "local" || environmentVariable("DOCKER_HOST")?.startsWith("ssh://"))
    return { keyFile: settings.sshKeyFile };
  return addressOf(stack, { host: await hostOfServices(settings) }, settings)!;
}
