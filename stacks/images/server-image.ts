/** What the image of a service's gateway is built from. */
import { readFileSync } from "node:fs";
import { kindOf, type McpServer } from "../catalog/kinds/registry.ts";
import type { Recipe } from "../catalog/kinds/kind.ts";
import type { Service } from "../catalog/entry.ts";
import { shipped } from "../shipped.ts";
import { base } from "./base.ts";
import type { GatewayFiles } from "./bundle.ts";
import type { ContextFile, ImageContext } from "./context.ts";

/** Where a gateway keeps what outlives it: its sessions, and the secret that signs them. */
export const STATE = "/state";

/** The context of a service's image. @param gateway the files of the gateway */
export function imageContext(
  { server, volumes }: Service & { readonly server: McpServer },
  gateway: GatewayFiles,
): ImageContext {
  const { dockerfile, files = {}, args = {} } = recipeOf(server);
  return {
    files: new Map<string, ContextFile>([
      ["Dockerfile", { content: readFileSync(shipped(`gateways/images/${dockerfile}.Dockerfile`), "utf8") }],
      ...[...gateway].map(([path, content]) => [`gateway/${path}`, { content }] as const),
      ...Object.entries(files),
    ]),
    args: { BASE: base(), VOLUMES: [STATE, ...Object.keys(volumes)].join(" "), ...args },
  };
}

/** In front of what runs elsewhere, the gateway is alone in its image. */
function recipeOf(server: McpServer): Recipe {
  const kind = kindOf(server);
  switch (kind.role) {
    case "stdio":
      return kind.recipe(server);
    case "upstream":
    case "group":
      return { dockerfile: "upstream" };
  }
}
