/** `npx gangway add`: a server becomes an entry of the catalog, with everything that belongs to it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readCatalog } from "../stacks/catalog/read.ts";
import { catalogFile, place, shownCatalog } from "../stacks/project.ts";
import { OtherShape } from "./kit/catalog-tree.ts";
import { addSecretLines, checkCatalog, shownChanges } from "./add/changes.ts";
import { withEntry } from "./add/edit-catalog.ts";
import { type NewEntry, render } from "./add/entry-text.ts";
import { find, type Found } from "./add/find.ts";
import { foundLines, nextSteps } from "./add/report.ts";
import { VARIABLE } from "./add/server-json.ts";
import { WrongUse } from "./kit/arguments.ts";
import { agree } from "./kit/ask.ts";
import { change } from "./kit/change.ts";
import { print, printTables, tell } from "./kit/print.ts";
import { progress } from "./kit/progress.ts";
import { indent } from "./kit/table.ts";
import { defineVerb } from "./kit/verb.ts";
import { inWorkshop } from "./kit/workshop.ts";
import { type Change, writeFiles } from "./kit/write-files.ts";
import { toolsLockChange } from "./update/write.ts";

const usage = `npx gangway add [--name <name>] [--port <port>] [--env <names>] [--yes] <what> [-- <arguments>]

Adds a server to the catalog. Finds its newest version, installs it without install scripts in a scratch folder, starts it
there once and asks for its tools. Then shows what changes (the catalog, its lockfile, the digests of its tools in
tools.lock, the lines of its secrets in .env.example, .env and the deploy workflow) and asks. The server runs as your user: it
gets none of your variables and an empty home folder, but like any program it can read your files and leave processes behind.

  npx gangway add @playwright/mcp                       from npm, or at a version: @playwright/mcp@0.0.83
  npx gangway add pypi:mcp-server-time                  from PyPI; needs uv
  npx gangway add https://mcp.example.org/mcp           a remote server, by Streamable HTTP or HTTP+SSE
  npx gangway add ghcr.io/owner/image:v1 -- /srv stdio  an image, and the command to run in it
  npx gangway add io.github.owner/server                a name of the MCP registry, or a server.json
  npx gangway add @modelcontextprotocol/server-filesystem -- /data

  --name   the name of the service (otherwise the package's)
  --port   its port in the catalog (otherwise the first free one from 8080 on)
  --env    the variables that it needs, separated by commas; their values go into .env
  --yes    do not ask
  --help   print this

Exit code: 0 added, or already there, 1 failed or declined, 2 for a mistake in the command line, or where nobody can be
asked, 130 after Ctrl-C, which leaves nothing half-written.`;

export const add = defineVerb({
  name: "gangway add",
  usage,
  flags: { name: "string", port: "string", env: "string", yes: "boolean" },
  takesNames: true,
  run: async ({ name, port, env = "", yes = false }, [word, ...words]) => {
    if (word === undefined) throw new WrongUse("expected a server, as in: npx gangway add @playwright/mcp");
    const asked = { word, words, name, port: portIn(port), variables: variablesIn(env) };
    const { readSettings } = await import("../stacks/settings.ts");
    const { npmProgram } = readSettings([]);
    return inWorkshop({ name: "add", interrupted: "nothing was added", npmProgram }, async (shop) => {
      const services = Object.values(await readCatalog());
      const found = await find(asked, services, shop, progress(false));
      if ("already" in found) {
        print(`${found.already} is this already: nothing to add`);
        return 0;
      }
      const changes = await changesFor(
        found,
        services.map((service) => service.name),
      );
      if (changes === undefined) return 1;
      if (!(await agree("add it?", { yes, not: "nothing is added" }))) return 1;
      shop.signal.throwIfAborted();
      writeFiles(changes);
      print(nextSteps(found.entry, shownCatalog).join("\n"));
      return 0;
    });
  },
});

/** Shows what changes. @returns undefined when the catalog can only be edited by hand */
async function changesFor(found: Found, names: readonly string[]): Promise<readonly Change[] | undefined> {
  const { entry, prepared, trial } = found;
  const catalog = catalogFile!; // it has been read
  printTables(indent(foundLines(found).join("\n")));
  const text = readFileSync(catalog, "utf8");
  const edited = editedCatalog(text, entry);
  if (edited === undefined) return undefined;
  await checkCatalog(catalog, edited, [...names, entry.name]);
  const secrets = [...(entry.secrets ?? []), ...(entry.optionalSecrets ?? [])];
  const lines = addSecretLines(secrets.map((name) => ({ name, services: [entry.name] })));
  const { lock } = prepared;
  const changes = [
    ...change(catalog, edited),
    ...(lock === undefined ? [] : change(join(place.locks, lock.file), lock.text)),
    ...(trial?.is === "up" ? toolsLockChange(entry.name, prepared.spec, trial.tools) : []),
    ...lines.changes,
  ];
  printTables(indent(["", ...shownChanges(changes), "", ...lines.notes].join("\n")));
  return changes;
}

function editedCatalog(text: string, entry: NewEntry): string | undefined {
  try {
    return withEntry(text, entry);
  } catch (error) {
    if (!(error instanceof OtherShape)) throw error;
    tell(
      `${shownCatalog} is not written as ours are (${error.message}), and is left as it is. Add this to its services:`,
    );
    print(`${render(entry, { builder: entry.kind, step: "  ", width: 120 })},`);
    return undefined;
  }
}

function portIn(text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d{0,4}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new WrongUse(`--port: got ${text}, expected a whole number from 1 to 65535`);
}

function variablesIn(text: string): string[] {
  const names = text.split(",").filter((name) => name !== "");
  const wrong = names.find((name) => !VARIABLE.test(name));
  if (wrong === undefined) return names;
  throw new WrongUse(`--env: got ${wrong.replace(/=.*/s, "=...")}, expected names alone: their values go into .env`);
}
