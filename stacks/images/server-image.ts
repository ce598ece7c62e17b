/** What the image of a service's gateway is built from. */
import { existsSync, readFileSync } from "node:fs";
import { kindOf, type McpServer } from "../catalog/kinds/registry.ts";
import type { Recipe } from "../catalog/kinds/kind.ts";
import type { Service } from "../catalog/entry.ts";
import { inImage, verifyModule } from "../catalog/verify.ts";
import { project } from "../project.ts";
import { shipped } from "../shipped.ts";
import { base } from "./base.ts";
import type { GatewayFiles, ProgramFiles } from "./bundle.ts";
import type { ContextFile, ImageContext } from "./context.ts";

/** Where what outlives a container is kept: a gateway's sessions, and the secret that signs them; the logins. */
export const STATE = "/state";

/** The context of a service's image. @param gateway the files of the gateway */
export function imageContext(service: Service & { readonly server: McpServer }, gateway: GatewayFiles): ImageContext {
  const { server, volumes } = service;
  const { dockerfile, files = {}, args = {} } = recipeOf(server);
  return {
    files: new Map<string, ContextFile>([
      ...program(dockerfile, "gateway", gateway),
      ...ownVerifier(service),
      ...Object.entries(files),
    ]),
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

/** The project's own verifier, which is one file. @throws Error when there is no such file */
function ownVerifier(service: Service): [string, ContextFile][] {
  const module = verifyModule(service, project);
  if (module === undefined) return [];
  if (!existsSync(module)) throw new Error(`${service.name}: verify is "${service.verify}", and there is no such file`);
  return [[`gateway/${inImage(module)}`, { content: readFileSync(module, "utf8") }]];
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
