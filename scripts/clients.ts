/** `npx gangway clients`: prints how to connect a client. */
import { homedir } from "node:os";
import { isAbsolute } from "node:path";
import { clients as known } from "../templates/clients/clients.ts";
import type { Client, Place, Target } from "../templates/clients/format.ts";
import { configuration, type ClientDocument, documentOf, overview, tokenHelp } from "./clients/report.ts";
import {
  type Environment,
  environments,
  hasDomain,
  HUB,
  type Reachable,
  reachableIn,
  withTokens,
} from "./clients/targets.ts";
import { didYouMean } from "../gateways/config/nearest.ts";
import { WrongUse } from "./kit/arguments.ts";
import { print, tell } from "./kit/print.ts";
import { asTyped } from "./kit/as-typed.ts";
import { defineVerb } from "./kit/verb.ts";

const usage = `npx gangway clients [services] [--client <client>] [--environment <environment>] [--json | --write | --remove]

Prints how to connect a client to the services: the client's own command if it has one, and what to put into its file. Where
the client can read a token from a variable, the variable is printed and not the token. Without --client, lists all clients.

  npx gangway clients --client claude-code          all services of npm start
  npx gangway clients --client cursor memory        one of them
  npx gangway clients --client cursor gangway       all of them as one server

  --client <list>        which clients: cursor, or cursor,codex
  --environment <name>   local: npm start; local-docker: the deployment on this machine; production: under DOMAIN
                         (default: local; with --json: all of them)
  --json                 print a JSON array: client, environment, service, file, format, text, command, note
  --write                add the services to the client's own file: shows the change, and asks. Leaves everything else in
                         it as it is, and keeps the file as it was in <file>.gangway-backup
  --remove               take them out of that file again
  --project              the project's file instead of yours; without --client it is .mcp.json, which Claude Code,
                         Copilot CLI, VS Code and Grok share
  --yes                  do not ask
  --help                 print this

Exit code: 0 done, 1 failed or declined, 2 for a mistake in the command line, or where nobody can be asked.`;

export const clients = defineVerb({
  name: "gangway clients",
  usage,
  flags: {
    client: "string",
    environment: "string",
    json: "boolean",
    write: "boolean",
    remove: "boolean",
    project: "boolean",
    yes: "boolean",
  },
  takesNames: true,
  completes: "services",
  keepsFiles: false,
  run: async ({ client, environment, json = false, ...writing }, names) => {
    const isWriting = checkWriting(writing, client, json);
    const asked = environmentNamed(environment);
    const { pickNames } = await import("../stacks/catalog/pick.ts");
    const ids = known.map(({ id }) => id);
    const picked = client === undefined ? ids : pickNames(ids, [client], "client");
    const some = known.filter(({ id }) => picked.includes(id));
    if (json) return print(JSON.stringify(await documents(some, names, asked), undefined, 2));
    const from = asked ?? "local";
    if (isWriting) return writeFiles(client === undefined ? undefined : some, from, names, writing);
    const reachable = await pickReachable(from, names);
    print(
      asTyped(client === undefined ? overview(some, reachable, from) : configurations(some, ready(reachable, names))),
    );
  },
});

/** Those that can be connected to: without names, not the hub as well. @throws Error when there are none */
function ready(reachable: readonly Reachable[], names: readonly string[]): readonly Target[] {
  const isReady = ({ target, needs }: Reachable) => needs === undefined && (names.length > 0 || target.name !== HUB);
  const chosen = names.length > 0 ? reachable : reachable.filter(isReady);
  for (const { target, needs } of reachable)
    if (needs !== undefined) tell(`${target.name} is not running: it needs ${needs}`);
  if (chosen.length === 0) throw new Error("no service is running that a client could connect to");
  return chosen.map(({ target }) => target);
}

function configurations(some: readonly Client[], targets: readonly Target[]): string {
  const place = { ...thisMachine(), home: "~" };
  const title = (client: Client) => (some.length > 1 ? `# ${client.title}\n\n` : "");
  return some.map((client) => `${title(client)}${configuration(client, targets, place)}`).join("\n\n\n");
}

async function documents(
  some: readonly Client[],
  names: readonly string[],
  asked: Environment | undefined,
): Promise<ClientDocument[]> {
  const place = thisMachine();
  const all = asked === undefined ? environments.filter((name) => name !== "production") : [asked];
  if (asked === undefined && (await hasDomain())) all.push("production");
  const found = await Promise.all(
    all.map(async (environment) => ({ environment, services: await reachableIn(environment) })),
  );
  // The hub is in one environment alone.
  const picked = await pickedNames(
    found.flatMap(({ services }) => services),
    names,
  );
  return some.flatMap((client) =>
    found.flatMap(({ environment, services }) =>
      services
        .filter(({ target }) => picked.includes(target.name))
        .map(({ target }) => documentOf(client, target, environment, place)),
    ),
  );
}

/** The names of those that are named, or of all. @throws UnknownName */
async function pickedNames(all: readonly Reachable[], names: readonly string[]): Promise<readonly string[]> {
  const { pickNames } = await import("../stacks/catalog/pick.ts");
  return pickNames([...new Set(all.map(({ target }) => target.name))], names);
}

/** Those that are named, or all. @throws UnknownName */
async function pickReachable(environment: Environment, names: readonly string[]): Promise<readonly Reachable[]> {
  const all = await reachableIn(environment);
  const picked = await pickedNames(all, names);
  return all.filter(({ target }) => picked.includes(target.name));
}

/** The flags of what is written. */
interface Writing {
  readonly write?: boolean | undefined;
  readonly remove?: boolean | undefined;
  readonly project?: boolean | undefined;
  readonly yes?: boolean | undefined;
}

/** Whether files are to be written. @throws WrongUse */
function checkWriting({ write, remove, project, yes }: Writing, client: string | undefined, json: boolean): boolean {
  const asked = [json && "--json", write && "--write", remove && "--remove"].filter(Boolean);
  if (asked.length > 1) throw new WrongUse(`got ${asked.join(" and ")}, expected one of them`);
  const isWriting = write === true || remove === true;
  if (!isWriting && (project || yes))
    throw new WrongUse(`${project ? "--project" : "--yes"} goes with --write or --remove`);
  if (isWriting && !project && client === undefined)
    throw new WrongUse(
      "say whose file it is: --client claude-code, or --project for the one that several clients share",
    );
  return isWriting;
}

/** @param some undefined = those who share the file of a project */
async function writeFiles(
  some: readonly Client[] | undefined,
  environment: Environment,
  names: readonly string[],
  { remove = false, project = false, yes = false }: Writing,
): Promise<number> {
  const { jobsFor, SHARED } = await import("./clients/write/jobs.ts");
  const { writeJob } = await import("./clients/write/write.ts");
  const targets = remove ? await removable(environment, names) : ready(await pickReachable(environment, names), names);
  const folder = project ? (await import("../stacks/project.ts")).project : undefined;
  const jobs = jobsFor(some ?? known.filter(({ id }) => id === SHARED), targets, thisMachine(), folder);
  let declined = 0;
  for (const job of jobs) {
    const isValue = job.client.tokenBy === "value" && !remove;
    const filled = isValue ? { ...job, targets: await withTokens(job.targets, environment) } : job;
    const isDone = await writeJob(filled, { isRemoval: remove, yes });
    declined += isDone ? 0 : 1;
    const help = !isDone || isValue || remove ? undefined : tokenHelp(job.client, targets, thisMachine());
    if (help !== undefined) tell(asTyped(help));
  }
  return declined > 0 ? 1 : 0;
}

/** Of a service that is in the catalog no more, only the name is known; it is enough. */
async function removable(environment: Environment, names: readonly string[]): Promise<readonly Target[]> {
  const all = (await reachableIn(environment)).map(({ target }) => target);
  return names.length === 0
    ? all
    : names.map((name) => all.find((target) => target.name === name) ?? { name, url: "" });
}

/** @throws WrongUse */
function environmentNamed(name: string | undefined): Environment | undefined {
  const found = environments.find((environment) => environment === name);
  if (name === undefined || found !== undefined) return found;
  const hint = didYouMean(name, environments);
  throw new WrongUse(`--environment is ${name}, expected one of ${environments.join(", ")}.${hint}`);
}

function thisMachine(): Place {
  const os = process.platform === "win32" || process.platform === "darwin" ? process.platform : "linux";
  const home = homedir();
  if (!isAbsolute(home)) throw new Error(`HOME is ${JSON.stringify(home)}, expected the absolute path of your folder`);
  return { os, home, env: process.env };
}
