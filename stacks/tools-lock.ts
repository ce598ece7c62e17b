/**
 * tools.lock: the digest of each tool that somebody has reviewed, with the server that it was listed by. It is committed, so a
 * changed description shows in a pull request, and a running gateway knows what its server's tools were.
 */
import { existsSync, readFileSync } from "node:fs";
import * as z from "zod/mini";
import { writtenReview } from "../gateways/config/reviewed.ts";
import { DIGEST } from "../gateways/tool-digest.ts";
import type { Service } from "./catalog/entry.ts";
import type { Server } from "./catalog/kinds/registry.ts";
import { place, shown } from "./project.ts";

/** What was reviewed of a service. */
export interface Reviewed {
  /** What listed the tools, at its version. */
  readonly server: string;
  /** The digest of each tool, by its name. */
  readonly tools: Readonly<Record<string, string>>;
}

/** By service. */
export type ToolsLock = Readonly<Record<string, Reviewed>>;

const schema = z.record(
  z.string(),
  z.strictObject({ server: z.string(), tools: z.record(z.string(), z.string().check(z.regex(DIGEST))) }),
);

/** What the file says of itself, under a key that no service can have. */
const ABOUT = {
  "//": "The reviewed tools of each service. Commit it. Written by: npx gangway update, add and update --review",
};

/** A missing file has no reviews. @throws Error that names the file */
export function readToolsLock(file: string = place.toolsLock): ToolsLock {
  return existsSync(file) ? parseToolsLock(readFileSync(file, "utf8"), file) : {};
}

/** @param file for the message @throws Error that names it */
export function parseToolsLock(text: string, file: string = place.toolsLock): ToolsLock {
  try {
    const { "//": _, ...services } = JSON.parse(text) as Record<string, unknown>;
    return schema.parse(services);
  } catch (error) {
    const what = error instanceof SyntaxError ? `it is no JSON: ${error.message}` : "expected tools with their digests";
    throw new Error(`${shown(file)} cannot be read (${what}). Restore it from git, or delete it and review again`, {
      cause: error,
    });
  }
}

/** The file's text: sorted, a line for each tool. Without any reviews there is no file. */
export function writtenToolsLock(lock: ToolsLock): string | undefined {
  const services = sorted(lock).map(([name, { server, tools }]) => [name, { server, tools: fromSorted(tools) }]);
  if (services.length === 0) return undefined;
  return `${JSON.stringify({ ...ABOUT, ...Object.fromEntries(services) }, null, 2)}\n`;
}

/**
 * A server as the file names it: what its tools come from, at its version.
 * @returns undefined of a group, whose members have tools, and of an app
 */
export function reviewedServer(server: Server): string | undefined {
  switch (server.kind) {
    case "npm":
    case "pypi":
      return server.package;
    case "image":
      return server.image;
    case "http":
    case "sse":
      return server.url;
    case "command":
      return server.command.join(" ");
    case "group":
    case "app":
      return undefined;
  }
}

/** The reviewed tools of a service as its gateway is told them; undefined where there was no review. */
export const reviewFor = ({ name }: Pick<Service, "name">, lock: ToolsLock): string | undefined =>
  lock[name] && writtenReview(sorted(lock[name].tools));

/** Services whose server is another than the one whose tools were reviewed: a line for each. */
export function unreviewedServers(services: readonly Service[], lock: ToolsLock): string[] {
  return services.flatMap(({ name, server }) => {
    const [now, reviewed] = [reviewedServer(server), lock[name]?.server];
    if (now === undefined || reviewed === undefined || now === reviewed) return [];
    return [`${name}: the tools of ${now} have not been reviewed, only those of ${reviewed}: ${reviewCommand(name)}`];
  });
}

/** Services that pin their tools to a review that there has not been: a line for each. */
export const pinnedUnreviewed = (services: readonly Service[], lock: ToolsLock): string[] =>
  services
    .filter(({ name, server, pinTools }) => pinTools === true && reviewedServer(server) && lock[name] === undefined)
    .map(({ name }) => `${name}: pinTools is set, but its tools have not been reviewed: ${reviewCommand(name)}`);

const reviewCommand = (name: string) => `npx gangway update --review ${name}`;

const fromSorted = (tools: Readonly<Record<string, string>>) => Object.fromEntries(sorted(tools));

const sorted = <T>(record: Readonly<Record<string, T>>) =>
  Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
