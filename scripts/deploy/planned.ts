/** A plan of a stack, compared with what runs on its engine. */
import { deploymentOf } from "../../stacks/deployment.ts";
import type { Settings } from "../../stacks/settings.ts";
import type { Changes } from "./changes.ts";
import type { Deployed } from "./containers.ts";
import { keepDroplet } from "./droplet.ts";
import { type AskEngine, engineOf } from "./engine-words.ts";
import { adopted, notAsked, takenNetworks } from "./networks.ts";
import { straysNotice, straysOf, unknownTo } from "./strays.ts";
import type { PlanOptions, StackFolder } from "./terraform.ts";
import { refreshedToken } from "./tunnel-token.ts";

/** What an apply needs to know. */
export interface Planned {
  readonly changes: Changes;
  /** Containers that the state does not know, and that the apply removes first. */
  readonly strays: readonly Deployed[];
  /** Lines for the person who deploys. */
  readonly notices: readonly string[];
  /** Its engine. @default - the stack has none, or it is not there yet */
  readonly ask?: AskEngine;
}

/** Plans a stack, and plans it again where the engine, or Cloudflare, has what the plan did not know. */
export async function planOn(folder: StackFolder, settings: Settings, options: PlanOptions = {}): Promise<Planned> {
  let changes = await folder.plan(options);
  if (!options.destroy) keepDroplet(changes, settings);
  const ask = engineOf(folder.stack, folder.known, settings);
  if (ask === undefined) return { changes, strays: [], notices: [] };
  const deployment = deploymentOf(folder.stack, settings);
  const notices = await adoptNetworks(folder, deployment, settings, ask);
  const replace = options.destroy ? undefined : await refreshedToken(folder, settings, ask);
  if (replace !== undefined) notices.push(replace.notice);
  const again = { ...options, replace: [...(options.replace ?? []), ...(replace?.addresses ?? [])] };
  if (notices.length > 0) changes = await folder.plan(again);
  let strays = await straysOf(deployment, folder.known, ask);
  if (strays.length > 0) {
    // What another deploy has made meanwhile is in the state by the time that this plan gets the lock.
    changes = await folder.plan(again);
    strays = unknownTo(folder.known.containers, strays);
  }
  return { changes, strays, notices: [...notices, ...straysNotice(strays)], ask };
}

/** What a plan that changes nothing says of the engine. An engine that does not answer now is no reason not to plan. */
export async function engineNotices(folder: StackFolder, settings: Settings): Promise<string[]> {
  const ask = engineOf(folder.stack, folder.known, settings);
  if (ask === undefined) return [];
  const deployment = deploymentOf(folder.stack, settings);
  const look = async () => [
    ...(await takenNetworks(deployment, folder.known, ask)).map(
      ({ name }) => `the engine has a network ${name} already`,
    ),
    ...straysNotice(await straysOf(deployment, folder.known, ask)),
  ];
  return look().catch((error: Error) => [`what runs on the engine was not compared: ${error.message}`]);
}

/** @throws Error where one is somebody else's, and nobody has asked for it */
async function adoptNetworks(
  folder: StackFolder,
  deployment: string,
  settings: Settings,
  ask: AskEngine,
): Promise<string[]> {
  const taken = await takenNetworks(deployment, folder.known, ask);
  const foreign = taken.filter(({ isOurs }) => !isOurs);
  if (foreign.length > 0 && settings.value("ADOPT") !== "true") throw new Error(notAsked(foreign));
  for (const { address, id } of taken) await folder.import(address, id);
  return taken.map(adopted);
}
