/** Decides how each service runs on this machine, without Docker: as a process, through its upstream, or not yet. */
import { join } from "node:path";
import type { Server, Service } from "../../stacks/catalog/entry.ts";
import type { Settings } from "../../stacks/settings.ts";
import { followVolume } from "./volumes.ts";

/** A service's part of gateway.json, as far as it says where the answers come from. */
export type Plan =
  | { readonly needs: string }
  | { readonly type: "http" | "sse"; readonly url: string; readonly headers?: Readonly<Record<string, string>> }
  | {
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string;
    };

/** What this machine has. */
export interface Machine {
  /** Our own Node. */
  readonly node: string;
  readonly project: string;
  readonly data: string;
  readonly work: string;
  /** The program that runs Python packages; undefined when it is not installed. */
  readonly uvx: string | undefined;
  /** By npm package: its program, or why there is none. */
  readonly npm: ReadonlyMap<string, { readonly bin: string } | { readonly problem: string }>;
}

/** How the service runs here. Secrets appear by name only: the gateway fills them in from its environment. */
export function planService(service: Service, settings: Settings, machine: Machine): Plan {
  const needs = [...lacks(service.server, machine), ...service.secrets.filter((name) => !settings.value(name))];
  if (needs.length > 0) return { needs: needs.join(" and ") };
  if ("url" in service.server) {
    return { type: service.server.kind, url: service.server.url, ...headersFor(service) };
  }
  const [command = "", ...args] = wordsOf(service.server, machine);
  const follow = (text: string) => followVolume(text, service.volumes, machine.data);
  return { command, args: args.map(follow), env: envOf(service, settings, follow), cwd: cwdOf(service, machine) };
}

/** Every secret of the service that is set. */
export function secretsAtHand(service: Service, settings: Settings): string[] {
  return [...service.secrets, ...service.optionalSecrets].filter((name) => settings.value(name) !== undefined);
}

/** A secret in gateway.json. */
export const reference = (name: string): string => `\${${name}}`;

function lacks(server: Server, { uvx, npm }: Machine): string[] {
  const found = server.kind === "npm" ? npm.get(server.package) : undefined;
  const lack: Record<Server["kind"], string | false | undefined> = {
    npm: found && "problem" in found && `its package: ${found.problem}`,
    pypi: uvx === undefined && "uvx (https://docs.astral.sh/uv)",
    image: "Docker",
    app: "Docker",
    sse: undefined,
    command: undefined,
    http: undefined,
  };
  return [lack[server.kind] || []].flat();
}

function wordsOf(server: Server, { node, uvx = "uvx", npm }: Machine): readonly string[] {
  if (server.kind === "command") return server.command;
  if (server.kind === "pypi")
    return [uvx, "--from", server.package, server.package.split(/[[=]/)[0] ?? "", ...server.args];
  const found = server.kind === "npm" ? npm.get(server.package) : undefined;
  if (server.kind !== "npm" || !found || !("bin" in found)) throw new Error(`${server.kind}() cannot be run here`);
  return [node, found.bin, ...server.args];
}

function envOf(service: Service, settings: Settings, follow: (text: string) => string): Record<string, string> {
  const plain = Object.entries(service.env).map(([name, value]) => [name, follow(value)]);
  const secret = secretsAtHand(service, settings).map((name) => [name, reference(name)]);
  return Object.fromEntries([...plain, ...secret]);
}

/** A command() is the reader's own and may name files of the project; every other server keeps out of it. */
const cwdOf = ({ name, server }: Service, { project, work }: Machine) =>
  server.kind === "command" ? project : join(work, name);

function headersFor({ secrets: [bearer] }: Service): { headers?: Record<string, string> } {
  return bearer === undefined ? {} : { headers: { Authorization: `Bearer ${reference(bearer)}` } };
}
