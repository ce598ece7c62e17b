/** Decides how each service runs on this machine: as a process, in a container, through its upstream, or not yet. */
import { join } from "node:path";
import type { Service } from "../../stacks/catalog/entry.ts";
import type { Machine, Start } from "../../stacks/catalog/kinds/kind.ts";
import { kindOf } from "../../stacks/catalog/kinds/registry.ts";
import { verifySecretOf } from "../../stacks/catalog/verify.ts";
import type { Settings } from "../../stacks/settings.ts";
import { containerCommand } from "./container.ts";
import { followVolume } from "../kit/volumes.ts";

/** Where a service's answers come from, as its entry in gateway.json says it. */
export type Plan =
  | {
      readonly needs: string;
      /** What to do about it. */
      readonly remedy?: string;
    }
  | { readonly failed: string }
  | { readonly type: "http" | "sse"; readonly url: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly group: readonly string[] }
  | {
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string;
      /** It is in a container. @default - as the entry says */
      readonly sandbox?: false;
    };

/** This machine, and the folders of `npm start` on it. */
export interface Place extends Machine {
  readonly project: string;
  readonly data: string;
  readonly work: string;
}

/** How each service runs here. A group of which every member waits for something waits for one of them. */
export function planServices(
  services: readonly Service[],
  settings: Settings,
  place: Place,
): ReadonlyMap<string, Plan> {
  const plans = new Map(services.map((service) => [service.name, planService(service, settings, place)]));
  const waits = (name: string) => "needs" in plans.get(name)!;
  const seen = ([name, plan]: [string, Plan]): [string, Plan] =>
    "group" in plan && plan.group.every(waits) ? [name, { needs: plan.group.join(" or ") }] : [name, plan];
  return new Map([...plans].map(seen));
}

/** How the service runs here. Secrets appear by name only: the gateway fills them in from its environment. */
function planService(service: Service, settings: Settings, place: Place): Plan {
  const source = sourceOf(service, place);
  if ("failed" in source) return source;
  const missing = service.secrets.filter((name) => !settings.value(name));
  const needs = [...("needs" in source ? [source.needs] : []), ...missing];
  if (needs.length > 0 || "needs" in source)
    return { needs: needs.join(" and "), ...(missing.length > 0 && { remedy: addToEnv(missing, service) }) };
  if ("group" in source) return source;
  return "url" in source ? { ...source, ...headersFor(service) } : processOf(source, service, settings, place);
}

/** Which lines to add to .env, and where to get what stands in them. */
function addToEnv(missing: readonly string[], { keyUrl }: Service): string {
  const lines = missing.map((name) => `${name}=...`).join(" and ");
  const source = keyUrl === undefined ? "" : ` (get one at ${keyUrl})`;
  return `Add ${lines} to .env${source}, then run npm start again.`;
}

/** Every secret of the service that is set. */
export function secretsAtHand(service: Service, settings: Settings): string[] {
  return [...service.secrets, ...service.optionalSecrets].filter((name) => settings.value(name) !== undefined);
}

/** A secret in gateway.json. */
export const reference = (name: string): string => `\${${name}}`;

type Source =
  | Start
  | { readonly type: "http" | "sse"; readonly url: string }
  | { readonly group: readonly string[] }
  | { readonly needs: string }
  | { readonly failed: string };

function sourceOf({ server, reaches }: Service, place: Place): Source {
  const kind = kindOf(server);
  if (kind.role !== "app" && reaches.length > 0)
    return { needs: `Docker, where it reaches ${reaches.join(" and ")} (npx gangway deploy local)` };
  switch (kind.role) {
    case "app":
      return { needs: "Docker" };
    case "upstream":
      return { type: kind.type, url: kind.url(server) };
    case "group":
      return { group: kind.members(server) };
    case "stdio":
      return kind.local.start(server, place);
  }
}

function processOf(start: Start, service: Service, settings: Settings, place: Place): Plan {
  const { project, data, work } = place;
  if (start.image !== undefined) return inContainer(start.image, start, service, settings, place);
  const [command = "", ...args] = start.words;
  const follow = (text: string) => followVolume(text, service.volumes, data);
  const cwd = start.folder === "project" ? project : join(work, service.name);
  return { command, args: args.map(follow), env: envOf(service, settings, follow), cwd };
}

/** Docker's command line gets the variables, and gives the container those of the service. */
function inContainer(image: string, { words }: Start, service: Service, settings: Settings, place: Place): Plan {
  const env = envOf(service, settings, (text) => text);
  const docker = settings.dockerVariables.map((name) => [name, reference(name)]);
  // The caller's token may be in its place where the service has none of its own.
  const names = [...new Set([...Object.keys(env), ...[verifySecretOf(service) ?? []].flat()])];
  const [command, ...args] = containerCommand({ image, words, service, names, place });
  return {
    command,
    args,
    env: { ...Object.fromEntries(docker), ...env },
    cwd: join(place.work, service.name),
    sandbox: false,
  };
}

function envOf(service: Service, settings: Settings, follow: (text: string) => string): Record<string, string> {
  const plain = Object.entries(service.env).map(([name, value]) => [name, follow(value)]);
  const secret = secretsAtHand(service, settings).map((name) => [name, reference(name)]);
  return Object.fromEntries([...plain, ...secret]);
}

function headersFor({ secrets: [bearer] }: Service): { headers?: Record<string, string> } {
  return bearer === undefined ? {} : { headers: { Authorization: `Bearer ${reference(bearer)}` } };
}
