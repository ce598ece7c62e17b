/** Starts a service's server once, as `npm start` would, but in a folder of its own, and asks for its tools. */
import { join } from "node:path";
import type { Service } from "../../stacks/catalog/entry.ts";
import { kindOf } from "../../stacks/catalog/kinds/registry.ts";
import { project } from "../../stacks/project.ts";
import type { Settings } from "../../stacks/settings.ts";
import { bare } from "../kit/candidate.ts";
import { prepare, type Prepared, type Started } from "../kit/prepare.ts";
import type { Workshop } from "../kit/workshop.ts";
import { tryServer } from "../kit/trial.ts";
import { followVolume, prepareVolumes } from "../kit/volumes.ts";
import type { Tool } from "../kit/mcp/all-tools.ts";

/** A server that has listed its tools. */
export interface Listing {
  readonly tools: readonly Tool[];
  /** The lockfile that belongs to it. @default - it has none */
  readonly lock?: Prepared["lock"];
}

/** The secrets of a service that are set, and those that it cannot run without and that are not. */
export function secretsFor({ secrets, optionalSecrets }: Service, settings: Settings) {
  const isSet = (name: string) => settings.value(name) !== undefined;
  return { given: [...secrets, ...optionalSecrets].filter(isSet), missing: secrets.filter((name) => !isSet(name)) };
}

/**
 * Installs it, starts it and ends it. It gets its own secrets and nothing else of the reader's: an empty home, empty volumes.
 * @param spec its package or image, at the version to be tried
 * @throws Error that says why its tools cannot be had
 */
export async function listTools(service: Service, spec: string, settings: Settings, shop: Workshop): Promise<Listing> {
  const { start, lock } = await startOf(service, spec, shop);
  if ("problem" in start) throw new Error(`${spec} cannot be started here: ${start.problem}`);
  const { given } = secretsFor(service, settings);
  const secrets = Object.fromEntries(given.map((name) => [name, settings.value(name)!]));
  const data = join(shop.path, "data");
  prepareVolumes(service, data);
  const follow = (text: string) => followVolume(text, service.volumes, data);
  const plain = Object.entries(service.env).map(([name, value]) => [name, follow(value)]);
  const env = Object.fromEntries([...plain, ...given.map((name) => [name, reference(name)])]) as Record<string, string>;
  const moved = "command" in start ? { ...start, args: start.args.map(follow) } : withToken(start, service, given);
  const trial = await tryServer(moved, { name: service.name, path: shop.path, env, secrets, signal: shop.signal });
  if (trial.is === "failed") throw new Error(`${spec} does not list its tools: ${trial.problem}`);
  return { tools: trial.tools, ...(lock && { lock }) };
}

async function startOf({ server }: Service, spec: string, shop: Workshop): Promise<Pick<Prepared, "start" | "lock">> {
  switch (server.kind) {
    case "npm":
    case "pypi":
      return prepare(bare(server.kind, spec, server.args), spec, shop);
    case "image":
      return prepare(bare(server.kind, spec, server.command), spec, shop);
    case "http":
    case "sse":
      return { start: { type: server.kind, url: server.url } };
    case "command": {
      const [command = "", ...args] = server.command;
      return { start: { command, args, cwd: project } };
    }
    case "group":
    case "app":
      throw new Error(`a server of kind ${kindOf(server).kind} has no tools of its own`);
  }
}

/** The first secret is what an upstream is called with. */
function withToken(start: Extract<Started, { url: string }>, { secrets: [first] }: Service, given: readonly string[]) {
  if (first === undefined || !given.includes(first)) return start;
  return { ...start, headers: { Authorization: `Bearer ${reference(first)}` } };
}

const reference = (name: string) => `\${${name}}`;
