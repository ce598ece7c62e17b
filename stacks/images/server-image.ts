/** What images are built from: those of gateways, of servers, and of the authorization server. */
import { existsSync, readFileSync } from "node:fs";
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

/** The folder that the containers of a server and its gateway share. It has the socket, and nothing else. */
export const SOCKET_FOLDER = "/run/server";

/** Where the runner of a server listens for its gateway. */
export const SOCKET = `${SOCKET_FOLDER}/socket`;

/** The context of a gateway's image. It is the same for all services, except for those with a verifier of their own. */
export const gatewayContext = (service: Service, files: GatewayFiles): ImageContext => ({
  files: new Map([...dockerfile("gateway"), ...inFolder("gateway", files), ...ownVerifier(service)]),
  args: { BASE: base(), VOLUMES: STATE },
});

/** The context of the image that a service's server runs in. @param recipe of its kind */
export const serverContext = (
  { name, volumes }: Service,
  { dockerfile: kind, files = {}, args = {} }: Recipe,
): ImageContext => ({
  files: new Map([...dockerfile(kind), ...runner(), ...Object.entries(files)]),
  args: { BASE: base(), SERVICE: name, VOLUMES: Object.keys(volumes).join(" "), ...args },
});

/** The context of the authorization server's image. */
export const authContext = (files: ProgramFiles): ImageContext => ({
  files: new Map([...dockerfile("auth"), ...inFolder("auth-server", files)]),
  args: { BASE: base(), VOLUMES: STATE },
});

type Files = readonly (readonly [path: string, file: ContextFile])[];

const ofImages = (name: string) => ({ content: readFileSync(shipped(`gateways/images/${name}`), "utf8") });

const dockerfile = (name: string): Files => [["Dockerfile", ofImages(`${name}.Dockerfile`)]];

const runner = (): Files => [["runner/runner.pl", ofImages("runner.pl")]];

const inFolder = (folder: string, files: ProgramFiles): Files =>
  [...files].map(([path, content]) => [`${folder}/${path}`, { content }]);

/** The project's own verifier, which is one file. @throws Error when there is no such file */
function ownVerifier(service: Service): Files {
  const module = verifyModule(service, project);
  if (module === undefined) return [];
  if (!existsSync(module)) throw new Error(`${service.name}: verify is "${service.verify}", and there is no such file`);
  return [[`gateway/${inImage(module)}`, { content: readFileSync(module, "utf8") }]];
}
