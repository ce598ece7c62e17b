/** `npx gangway remove`: takes a service out of the catalog, with everything that belongs to it alone. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Service } from "../stacks/catalog/entry.ts";
import { fileName } from "../stacks/catalog/kinds/npm-package.ts";
import { pickServices } from "../stacks/catalog/pick.ts";
import { readCatalog } from "../stacks/catalog/read.ts";
import { catalogFile, place, shownCatalog } from "../stacks/project.ts";
import { OtherShape } from "./kit/catalog-tree.ts";
import { checkCatalog, removeSecretLines, shownChanges } from "./add/changes.ts";
import { withoutEntry } from "./add/edit-catalog.ts";
import { WrongUse } from "./kit/arguments.ts";
import { agree } from "./kit/ask.ts";
import { change } from "./kit/change.ts";
import { print, printTables } from "./kit/print.ts";
import { secretsOf } from "./kit/secret-lines.ts";
import { indent } from "./kit/table.ts";
import { defineVerb } from "./kit/verb.ts";
import { type Change, writeFiles } from "./kit/write-files.ts";
import { withoutToolsLock } from "./update/write.ts";

const usage = `npx gangway remove [--yes] <service>

Takes a service out of the catalog, with its tools in tools.lock, and with its lockfile and the lines of its secrets in
.env.example and the deploy workflow, unless another service needs them. Shows what changes, and asks. Values in .env and the
data of the service stay.

  --yes    do not ask
  --help   print this

Exit code: 0 removed, 1 failed or declined, 2 for a mistake in the command line, where another service needs it, or where
nobody can be asked.`;

export const remove = defineVerb({
  name: "gangway remove",
  usage,
  flags: { yes: "boolean" },
  takesNames: true,
  completes: "services",
  run: async ({ yes = false }, [name, ...more]) => {
    if (name === undefined || more.length > 0)
      throw new WrongUse("expected one service, as in: npx gangway remove playwright");
    const all = await readCatalog();
    const [service] = pickServices(all, [name]);
    if (service === undefined) throw new WrongUse(`expected one service, got ${name}`);
    const others = Object.values(all).filter((one) => one !== service);
    checkNobodyNeeds(service, others);
    const { changes, notes } = await changesFor(service, others);
    printTables(indent(["", ...shownChanges(changes), ""].join("\n")));
    if (!(await agree("remove it?", { yes, not: "nothing is removed" }))) return 1;
    writeFiles(changes);
    print(
      [
        `${service.name} is no longer in ${shownCatalog}. What stays:`,
        ...[...notes, ...staysOf(service)].map(item),
      ].join("\n"),
    );
    return 0;
  },
});

/** @throws WrongUse naming the groups that have it, and those who reach it */
function checkNobodyNeeds({ name, groups }: Service, others: readonly Service[]): void {
  const reachers = others.filter(({ reaches }) => reaches.includes(name)).map((one) => one.name);
  if (groups.length > 0)
    throw new WrongUse(`${name} is a member of ${groups.join(" and ")}: take it out of there first`);
  if (reachers.length > 0)
    throw new WrongUse(`${reachers.join(" and ")} reaches ${name}: take it out of its \`reaches\` first`);
}

async function changesFor(service: Service, others: readonly Service[]) {
  const catalog = catalogFile!; // it has been read
  const edited = editedCatalog(readFileSync(catalog, "utf8"), service);
  await checkCatalog(
    catalog,
    edited,
    others.map(({ name }) => name),
  );
  const kept = secretsOf(others).map(({ name }) => name);
  const gone = secretsOf([service]).filter(({ name }) => !kept.includes(name));
  const { changes, notes } = removeSecretLines(gone);
  const all: Change[] = [
    ...change(catalog, edited),
    ...lockOf(service, others),
    ...withoutToolsLock(service.name),
    ...changes,
  ];
  return { changes: all, notes };
}

function editedCatalog(text: string, { name, server }: Service): string {
  try {
    return withoutEntry(text, name, server.kind);
  } catch (error) {
    if (!(error instanceof OtherShape)) throw error;
    throw new Error(`${shownCatalog} is not written as ours are (${error.message}): take ${name} out of it yourself`, {
      cause: error,
    });
  }
}

/** Its lockfile, if it is the only one that is installed by it. */
function lockOf({ server }: Service, others: readonly Service[]): Change[] {
  if (server.kind !== "npm" && server.kind !== "pypi") return [];
  const isShared = others.some((other) => other.server.kind === server.kind && other.server.package === server.package);
  const file = `${fileName(server.package)}.${server.kind === "npm" ? "json" : "txt"}`;
  return isShared ? [] : change(join(place.locks, file), undefined);
}

function staysOf({ name, volumes }: Service): string[] {
  const data = Object.values(volumes).map((volume) => `its volume ${volume} (here .gangway/data/${volume})`);
  return [...data, `its container, host name and DNS record, where ${name} is deployed: until the next deploy`];
}

const item = (line: string) => `  ${line}`;
