/** What the image of a service's gateway is built from. */
import { readFileSync } from "node:fs";
import { kindOf, type McpServer } from "../catalog/kinds/registry.ts";
import type { Recipe } from "../catalog/kinds/kind.ts";
import type { Service } from "../catalog/entry.ts";
import { shipped } from "../shipped.ts";
import { base } from "./base.ts";
import type { GatewayFiles, ProgramFiles } from "./bundle.ts";
import type { ContextFile, ImageContext } from "./context.ts";

/** Where what outlives a container is kept: a gateway's sessions, and the secret that signs them; the logins. */
export const STATE = "/state";

/** The context of a service's image. @param gateway the files of the gateway */
export function imageContext(
  { server, volumes }: Service & { readonly server: McpServer },
  gateway: GatewayFiles,
): ImageContext {
  const { dockerfile, files = {}, args = {} } = recipeOf(server);
  return {
    files: new Map<string, ContextFile>([...program(dockerfile, "gateway", gateway), ...Object.entries(files)]),
    args: { BASE: base(), VOLUMES: [STATE, ...Object.keys(volumes)].join(" "), ...args },
  };
}

/** The context of the authorization server's image. */
export const authContext = (files: ProgramFiles): ImageContext => ({
  files: new Map(program("auth", "auth-server", files)),
  args: { BASE: base(), VOLUMES: STATE },
});

/** How an image is made, and the program in it. */
const program = (dockerfile: string, folder: string, files: ProgramFiles): (readonly [string, ContextFile])[] => [
  ["Dockerfile", { content: readFileSync(shipped(`gateways/images/${dockerfile}.Dockerfile`), "utf8") }],
  ...[...files].map(([path, content]) => [`${folder}/${path}`, { content }] as const),
];

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
