/** What the image of a service's gateway is built from. */
import { existsSync, readFileSync } from "node:fs";
import { kindOf, type McpServer } from "../catalog/kinds/registry.ts";
import type { Recipe } from "../catalog/kinds/kind.ts";
import type { Service } from "../catalog/entry.ts";
import { inImage, verifyModule } from "../catalog/verify.ts";
import { project } from "../project.ts";
import { shipped } from "../shipped.ts";
import { base } from "./base.ts";
import type { GatewayFiles } from "./bundle.ts";
import type { ContextFile, ImageContext } from "./context.ts";

/** Where a gateway keeps what outlives it: its sessions, and the secret that signs them. */
export const STATE = "/state";

/** The context of a service's image. @param gateway the files of the gateway */
export function imageContext(service: Service & { readonly server: McpServer }, gateway: GatewayFiles): ImageContext {
  const { server, volumes } = service;
  const { dockerfile, files = {}, args = {} } = recipeOf(server);
  return {
    files: new Map<string, ContextFile>([
      ["Dockerfile", { content: readFileSync(shipped(`gateways/images/${dockerfile}.Dockerfile`), "utf8") }],
      ...[...gateway].map(([path, content]) => [`gateway/${path}`, { content }] as const),
      ...ownVerifier(service),
      ...Object.entries(files),
    ]),
    args: { BASE: base(), VOLUMES: [STATE, ...Object.keys(volumes)].join(" "), ...args },
  };
}

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
