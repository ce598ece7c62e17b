/** The deployments of this project, and the engine that each is on: the one that a deploy would use. */
import { keptDeployment, deploymentOf } from "../../stacks/deployment.ts";
import { dockerCommand } from "../../stacks/provision/docker.ts";
import { environmentVariable, readSettings, type Settings } from "../../stacks/settings.ts";
import { WrongUse } from "../kit/arguments.ts";
import type { Deployment } from "../kit/deployment.ts";
import { folder } from "../kit/folder.ts";
import { whoRuns } from "../kit/running.ts";
import { type Address, addressOf, askEngine } from "./engine-words.ts";
import { addressNow } from "./where.ts";

/** `local`: what `npx gangway start` runs; the others are on a Docker engine. */
export const places = ["local", "local-docker", "production"] as const;

export type Place = (typeof places)[number];

/** How `--help` explains `--env`. */
export const ENV_HELP = `  --env        local: npx gangway start; local-docker: this machine's Docker;
               production: the droplet or SERVER`;

/** The same of a verb that is about containers. */
export const DEPLOYMENT_HELP = `  --env        local-docker: this machine's Docker; production: the droplet or SERVER`;

/** The place that `--env` names; undefined when it is not given. @throws WrongUse */
export function placeNamed(name: string | undefined): Place | undefined {
  const found = places.find((place) => place === name);
  if (name !== undefined && found === undefined)
    throw new WrongUse(`--env: got ${name}, expected one of ${places.join(", ")}`);
  return found;
}

/** Where there is, or may be, a deployment of this project. Nothing is asked: an engine may not answer. */
export function deployedPlaces(settings: Settings = readSettings([])): readonly Exclude<Place, "local">[] {
  const isHere = !isOverSsh() && keptDeployment() !== undefined;
  const isThere = settings.value("DOMAIN") !== undefined;
  return [...(isHere ? (["local-docker"] as const) : []), ...(isThere ? (["production"] as const) : [])];
}

/** @throws Error when there is none, or the host of the services is not known here */
export async function deploymentAt(
  place: Exclude<Place, "local">,
  settings: Settings = readSettings([]),
): Promise<Deployment> {
  if (place === "production") return production(settings);
  if (isOverSsh())
    throw new Error(
      "DOCKER_HOST leads to another machine, so this machine's Docker cannot be asked: unset it, or set DOMAIN",
    );
  const label = keptDeployment();
  if (label === undefined) throw new Error("nothing is deployed to this machine's Docker: npx gangway deploy local");
  const engine = addressOf("local", {}, settings)!;
  return on(engine, { environment: "local-docker", stack: "local", label, where: "this machine's Docker" });
}

async function production(settings: Settings): Promise<Deployment> {
  if (settings.value("DOMAIN") === undefined)
    throw new Error("DOMAIN is not set (environment or .env), so nothing is deployed under a domain");
  const engine = await addressNow("services", settings);
  const host = engine.host ?? environmentVariable("DOCKER_HOST");
  const where = `the Docker of ${host?.replace("ssh://", "")}`;
  return on(engine, { environment: "production", stack: "services", label: deploymentOf("services", settings), where });
}

const on = (address: Address, facts: Omit<Deployment, "ask" | "command">): Deployment => ({
  ...facts,
  ask: askEngine(address),
  command: (words, how = {}) => dockerCommand(words, { ...address, ...how }),
});

const isOverSsh = () => environmentVariable("DOCKER_HOST")?.startsWith("ssh://") === true;

/**
 * The one deployment that a verb is about.
 * @param env `--env`, as it was typed
 * @param insteadOfLocal what to do about services of `npx gangway start`, which the verb is not for
 * @throws WrongUse when it is that of `npx gangway start`, or there are several and none is named; Error when there is none
 */
export async function oneDeployment(
  env: string | undefined,
  insteadOfLocal: string,
  settings: Settings = readSettings([]),
): Promise<Deployment> {
  const named = placeNamed(env);
  if (named === "local") throw new WrongUse(insteadOfLocal);
  const all = named === undefined ? deployedPlaces(settings) : [named];
  if (all.length === 0 && whoRuns(folder.running) !== undefined) throw new Error(insteadOfLocal);
  if (all.length > 1)
    throw new WrongUse(`there are several deployments: say which, with --env ${all.join(" or --env ")}`);
  return deploymentAt(all[0] ?? "local-docker", settings);
}
