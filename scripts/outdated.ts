/** `npx gangway outdated`: which servers of the catalog have a newer version. */
import type { Service } from "../stacks/catalog/entry.ts";
import { pickServices } from "../stacks/catalog/pick.ts";
import { readCatalog } from "../stacks/catalog/read.ts";
import { readBase } from "../stacks/images/base.ts";
import { print, printTables } from "./kit/print.ts";
import { eachOf, progress } from "./kit/progress.ts";
import { indent } from "./kit/table.ts";
import { defineVerb } from "./kit/verb.ts";
import { inWorkshop, type Workshop } from "./kit/workshop.ts";
import { newestImage, newestOf } from "./update/newest.ts";
import { outdatedLines, type Row, rowOf } from "./update/rows.ts";

const usage = `npx gangway outdated [services] [--json]

Asks npm, PyPI (with uv) and the registries of images whether they have newer versions of the catalog's servers, and of the
image that gateways are built on. Says which ones it could not check: Docker Hub's, and those of registries that ask for an account.

  --json   print an array of {service, what, have, newest, released, problem}
  --help   print this

Exit code: 0 checked, whether or not something is newer, 1 nothing could be checked, 2 for a mistake in the command line, 130
after Ctrl-C.`;

export const outdated = defineVerb({
  name: "gangway outdated",
  usage,
  flags: { json: "boolean" },
  takesNames: true,
  completes: "services",
  run: async ({ json = false }, names) => {
    const services = pickServices(await readCatalog(), names);
    const { readSettings } = await import("../stacks/settings.ts");
    const { npmProgram } = readSettings([]);
    return inWorkshop({ name: "outdated", interrupted: "nothing was changed", npmProgram }, async (shop) => {
      const rows = await progress(json)("asking for newer versions", () => rowsOf(services, names.length === 0, shop));
      if (json) print(JSON.stringify(rows, undefined, 2));
      else printTables(indent(outdatedLines(rows, new Date()).join("\n")));
      return rows.length > 0 && rows.every(({ problem }) => problem !== null) ? 1 : 0;
    });
  },
});

/** @param withBase whether the image that gateways are built on counts, too */
async function rowsOf(services: readonly Service[], withBase: boolean, shop: Workshop): Promise<Row[]> {
  const base = readBase().image;
  const asked = [
    ...services.map((service) => ({ name: service.name, what: whatIs(service), ask: () => newestOf(service, shop) })),
    ...(withBase ? [{ name: "(base image)", what: base, ask: () => newestImage(base, shop.signal) }] : []),
  ].map((one, at) => ({ ...one, at }));
  const rows: (Row | undefined)[] = [];
  await eachOf(asked, 4, async ({ name, what, ask, at }) => {
    rows[at] = await ask().then(
      (newest) => newest && rowOf(name, newest),
      (error: Error) => rowOf(name, { have: what, problem: error.message }),
    );
  });
  shop.signal.throwIfAborted();
  return rows.filter((row) => row !== undefined);
}

const whatIs = ({ server }: Service): string =>
  "package" in server ? server.package : "image" in server ? server.image : server.kind;
