/** `npx gangway init`: makes a project of one's own. `npm create gangway-mcp` is the same as a package of its own. */
import { resolve } from "node:path";
import { tooOld } from "../stacks/catalog/typescript.ts";
import { projectFiles } from "./init/files.ts";
import { nameOf } from "./init/name.ts";
import { nextSteps } from "./init/report.ts";
import { writeNew } from "./init/write.ts";
import { WrongUse } from "./kit/arguments.ts";
import { print } from "./kit/print.ts";
import { defineVerb } from "./kit/verb.ts";

const usage = (command: string, folder: string) => `${command} [--name <name>] [--deploy] ${folder}

Makes a project: services.ts with two services to begin with, package.json, .env.example, a workflow that deploys, and a
README. It overwrites no file, and asks nothing.

  --name    the name in package.json, where the folder's does not do
  --deploy  package.json lists what a deploy needs, too (some 400 MB; otherwise the first deploy says how to install it)
  --help    print this

Exit code: 0 it is made, 1 it could not be written, 2 a file is in the way, or a mistake in the command line,
130 after Ctrl-C, which leaves nothing half-written.`;

const flags = { name: "string", deploy: "boolean" } as const;

export const init = defineVerb({
  name: "gangway init",
  usage: usage("npx gangway init", "[folder]"),
  flags,
  takesNames: true,
  keepsFiles: false,
  endsAtOnce: true, // after the files, which are written in one go
  run: ({ name, deploy }, [folder = ".", ...more]) => make(folder, more, name, deploy),
});

export const create = defineVerb({
  name: "create-gangway-mcp",
  usage: usage("npm create gangway-mcp --", "<folder>"),
  flags,
  takesNames: true,
  keepsFiles: false,
  endsAtOnce: true, // after the files, which are written in one go
  run: ({ name, deploy }, [folder, ...more]) => {
    if (folder === undefined)
      throw new WrongUse("expected a folder, as in: npm create gangway-mcp my-servers (or . for the current one)");
    make(folder, more, name, deploy);
  },
});

function make(given: string, more: readonly string[], name: string | undefined, withCloud = false): void {
  if (more.length > 0) throw new WrongUse(`got ${[given, ...more].join(" and ")}, expected one folder`);
  const folder = resolve(given);
  writeNew(folder, projectFiles(nameOf(folder, name), withCloud));
  print(nextSteps(folder, tooOld("services.ts")));
}
