/** What the image of the one gateway is built from: the recipes of the stacks' servers, side by side. */
import { readFileSync } from "node:fs";
import type { Service } from "../../../stacks/catalog/entry.ts";
import { kindOf, type Server } from "../../../stacks/catalog/kinds/registry.ts";
import { shipped } from "../../../stacks/shipped.ts";

/** By their paths in the build. The gateway itself, in gateway/, is not among them. */
export type ImageFiles = Readonly<Record<string, string | Buffer>>;

/** Where images have their servers. */
const SERVER = "/server/";

/** The words that start a server in this image; undefined where the server needs an image of its own. */
export function commandIn(server: Server): readonly string[] | undefined {
  const kind = kindOf(server);
  const folder = folderOf(server);
  if (kind.role !== "stdio" || folder === undefined) return undefined;
  return kind.command(server).map((word) => (word.startsWith(SERVER) ? `${folder}${word.slice(SERVER.length)}` : word));
}

export function imageFiles(services: readonly Service[]): ImageFiles {
  const files = services.flatMap(({ server }) => filesOf(server));
  const dockerfile = files.length > 0 ? "templates/proxies/compose/servers" : "gateways/images/gateway";
  return {
    Dockerfile: readFileSync(shipped(`${dockerfile}.Dockerfile`), "utf8"),
    ...Object.fromEntries(files),
  };
}

function filesOf(server: Server): readonly (readonly [string, string | Buffer])[] {
  const kind = kindOf(server);
  const folder = folderOf(server);
  if (kind.role !== "stdio" || folder === undefined) return [];
  const files = Object.entries(kind.recipe(server).files ?? {});
  return files.map(([path, { content }]) => [`${folder}${path.slice(SERVER.length - 1)}`.slice(1), content]);
}

/** Every npm package is installed by its own lockfile, in a folder of its own. Files of the project are at the same paths as there. */
function folderOf(server: Server): string | undefined {
  if (server.kind === "npm") return `${SERVER}npm/${server.package.replaceAll("/", "+")}/`;
  return server.kind === "command" ? SERVER : undefined;
}
