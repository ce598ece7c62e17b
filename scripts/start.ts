/** `npm start`: the catalog's services on this machine, behind one gateway, with nothing but Node and npm; with Docker also image() servers. */
import { relative } from "node:path";
import { VERSION } from "../gateways/version.ts";
import { catalogFile, shownCatalog } from "../stacks/project.ts";
import { print } from "./kit/print.ts";
import { defineVerb } from "./kit/verb.ts";

const usage = `npx gangway start [--all] [--json] [service ...]

Installs the catalog's npm servers into .gangway, starts every service that can run here behind one gateway,
and serves until Ctrl-C. Name the services to start (see ${shownCatalog}); without a name, all of them.

  --all    list each service that waits for a key or for Docker
  --json   print one JSON document instead: npx gangway start --json
  --help   print this

Settings come from the environment and .env: .env.example lists them all.
Exit code: 0 after Ctrl-C, 1 when it cannot start, or when none of the services that were named has started.`;

export const start = defineVerb({
  name: "gangway start",
  usage,
  flags: { json: "boolean", all: "boolean" },
  takesNames: true,
  completes: "services",
  run: async ({ json = false, all = false }, names) => {
    if (!json) print(`gangway ${VERSION}, starting ${what(names)}`);
    // The catalog and what installs it take a while to import: the first line does not wait for that.
    const { startServices } = await import("./start/run.ts");
    return startServices({ json, all, names });
  },
});

function what(names: readonly string[]): string {
  if (names.length > 0) return names.join(", ");
  return catalogFile === undefined ? "the services" : `the services in ${relative(process.cwd(), catalogFile)}`;
}
