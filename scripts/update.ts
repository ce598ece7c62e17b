/** `npx gangway update`: another version of a server, after its reader has seen what changes about its tools. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Service } from "../stacks/catalog/entry.ts";
import { pickServices } from "../stacks/catalog/pick.ts";
import { readCatalog } from "../stacks/catalog/read.ts";
import { place, shown } from "../stacks/project.ts";
import type { Settings } from "../stacks/settings.ts";
import { readToolsLock, reviewedServer } from "../stacks/tools-lock.ts";
import { WrongUse } from "./kit/arguments.ts";
import { agree } from "./kit/ask.ts";
import { print, printTables, tell } from "./kit/print.ts";
import { type Progress, progress } from "./kit/progress.ts";
import { indent } from "./kit/table.ts";
import { defineVerb } from "./kit/verb.ts";
import { inWorkshop, type Workshop } from "./kit/workshop.ts";
import { type Change, writeFiles } from "./kit/write-files.ts";
import { listTools, secretsFor } from "./update/list-tools.ts";
import { newestOf, versionIn } from "./update/newest.ts";
import { changeLines, reviewLines } from "./update/report.ts";
import { changesBetween, differingFrom, digestsOf } from "./update/tool-changes.ts";
import type { Tool } from "./kit/mcp/all-tools.ts";
import { updateImages } from "./update/update-images.ts";
import { toolsLockChange, updateChanges } from "./update/write.ts";

const usage = `npx gangway update [--to <version>] [--review] [--yes] [services]
       npx gangway update --images [--yes]

Moves servers to their newest version. Installs it without install scripts in a scratch folder, starts the old and the new one
there, and shows which tools are added, removed and changed, with the texts that a model reads. Asks, and then writes the version
into the catalog, its lockfile, and the digests of the tools into ${shown(place.toolsLock)}. Servers start with an empty home folder
and empty volumes, and get no secrets from .env but their own.

  npx gangway update                       every service that has a newer version
  npx gangway update memory --to 2026.8.31
  npx gangway update --review memory       keeps this version: shows which tools differ from the last review, and accepts them
  npx gangway update --images              pulls the images of the deployment by their tags, and records their digests

  --to      this version instead of the newest, also an older one
  --review  change no version: review the tools of the server that the catalog names
  --yes     do not ask
  --help    print this

Exit code: 0 done, or nothing to do, 1 failed or declined, 2 for a mistake in the command line, or where nobody can be
asked, 130 after Ctrl-C. Whatever happens, a service is changed as a whole or not at all.`;

/** What a service's update needs. */
interface Job {
  readonly service: Service;
  readonly services: readonly Service[];
  readonly settings: Settings;
  readonly shop: Workshop;
  readonly during: Progress;
  readonly yes: boolean;
  readonly to: string | undefined;
}

export const update = defineVerb({
  name: "gangway update",
  usage,
  flags: { to: "string", review: "boolean", images: "boolean", yes: "boolean" },
  takesNames: true,
  completes: "services",
  run: async ({ to, review = false, images = false, yes = false }, names) => {
    if (images && (to !== undefined || review || names.length > 0))
      throw new WrongUse("--images: expected nothing but --yes beside it");
    if (images) return updateImages(yes);
    if (to !== undefined && (names.length !== 1 || review))
      throw new WrongUse("--to: expected one service, as in: npx gangway update memory --to 1.2.3");
    const catalog = await readCatalog();
    const picked = pickServices(catalog, names).filter(({ server }) => names.length > 0 || reviewedServer(server));
    const { readSettings } = await import("../stacks/settings.ts");
    const services = Object.values(catalog);
    const settings = readSettings(services);
    return inWorkshop(
      {
        name: "update",
        interrupted: "only the files listed above, if any, have changed",
        npmProgram: settings.npmProgram,
      },
      async (shop) => {
        let failed = 0;
        for (const service of picked) {
          const own = { ...shop, path: join(shop.path, service.name) };
          const job = { service, services, settings, shop: own, during: progress(false), yes, to };
          failed += Number(!(await attempt(job, review ? reviewOne : updateOne)));
        }
        return failed > 0 ? 1 : 0;
      },
    );
  },
});

/** One that fails stops no other. @returns whether it is done, or there was nothing to do */
async function attempt(job: Job, work: (job: Job) => Promise<boolean>): Promise<boolean> {
  const { name } = job.service;
  try {
    return await work(job);
  } catch (error) {
    if (job.shop.signal.aborted || error instanceof WrongUse) throw error;
    tell(`${name}: ${(error as Error).message}. Nothing of it has changed`);
    return false;
  }
}

async function updateOne(job: Job): Promise<boolean> {
  const { service, services, settings, during, to, yes } = job;
  const { name } = service;
  const found = await during(`looking for a newer ${name}`, () => newestOf(service, job.shop));
  if (found === undefined) {
    if (to !== undefined) throw new Error("its server has no version that --to could change");
    print(`${name}: its server has no version to update`);
    return true;
  }
  const { have } = found;
  const next = to === undefined ? found.newest : `${have.slice(0, -versionIn(have).length)}${to}`;
  if (next === have) {
    print(`${name}: ${have} is ${to === undefined ? "the newest version" : "what it runs already"}`);
    return true;
  }
  tellSecrets(job);
  const [before, after] = [
    await during(`starting ${have}`, () => listTools(service, have, settings, folderOf(job, "have"))),
    await during(`starting ${next}`, () => listTools(service, next, settings, folderOf(job, "next"))),
  ];
  const changes = updateChanges(service, { have, next, ...after }, services);
  printTables(
    indent([`${name}: ${have} -> ${next}`, ...changeLines(changesBetween(before.tools, after.tools)), ""].join("\n")),
  );
  warnUnreviewable(after.tools);
  if (!(await agree(`update ${name} to ${versionIn(next)}?`, { yes, not: NOTHING }))) return false;
  write(changes, job);
  print(`${name} is at ${versionIn(next)}. Try it: npx gangway start ${name}`);
  return true;
}

async function reviewOne(job: Job): Promise<boolean> {
  const { service, settings, during, yes } = job;
  const { name } = service;
  const server = reviewedServer(service.server);
  if (server === undefined) throw new Error("it has no tools of its own to review");
  tellSecrets(job);
  const { tools } = await during(`starting ${server}`, () =>
    listTools(service, server, settings, folderOf(job, "have")),
  );
  const reviewed = readToolsLock()[name];
  const lines = reviewLines(differingFrom(reviewed?.tools ?? {}, tools), reviewed === undefined);
  const changes = toolsLockChange(name, server, tools);
  warnUnreviewable(tools);
  if (changes.length === 0) {
    print(`${name}: the tools of ${server} are those that were reviewed`);
    return true;
  }
  const same = lines.length === 0 ? ["its tools are those that were reviewed of the version before"] : lines;
  printTables(indent([`${name}: ${server}, ${countOf(tools)}`, ...same, ""].join("\n")));
  if (!(await agree(`keep these tools of ${name} as reviewed?`, { yes, not: NOTHING }))) return false;
  write(changes, job);
  print(`${name}: ${countOf(tools)} reviewed. Commit ${shown(place.toolsLock)}`);
  return true;
}

/** A folder of its own for each start. */
function folderOf({ shop }: Job, version: "have" | "next"): Workshop {
  const path = join(shop.path, version);
  mkdirSync(path, { recursive: true });
  return { ...shop, path };
}

/** Some servers list no tools without their key. */
function tellSecrets({ service, settings }: Job): void {
  const { given, missing } = secretsFor(service, settings);
  if (missing.length > 0) throw new Error(`it cannot be started without ${missing.join(" and ")}: set it in .env`);
  if (given.length > 0) tell(`  ${service.name} is started with its own ${given.join(" and ")}, as with npm start`);
}

function warnUnreviewable(tools: readonly Tool[]): void {
  const { without } = digestsOf(tools);
  if (without.length > 0)
    tell(
      `  ${without.join(", ")} cannot be reviewed: a client may read other texts than we do. With pinTools it is hidden`,
    );
}

function write(changes: readonly Change[], { shop }: Job): void {
  shop.signal.throwIfAborted();
  writeFiles(changes);
  for (const { path, after } of changes) tell(`  ${shown(path)} ${after === undefined ? "is removed" : "is written"}`);
}

const NOTHING = "nothing is written";

const countOf = (tools: readonly Tool[]) => `${tools.length} ${tools.length === 1 ? "tool" : "tools"}`;
