/**
 * The members of a group that run in gateways of their own: their pages are asked, with the token that the group has for them. So
 * the page of a group shows the services of a whole deployment.
 */
import * as z from "zod/mini";
import type { GroupMember } from "../config.ts";
import { groupName } from "../sessions/groups/names.ts";
import type { Served } from "../served.ts";
import type { ServiceStatus } from "./status.ts";
import { toldJson } from "./told-json.ts";

/** Milliseconds between two questions, and those that a member may take. */
const PAUSE = 2_000;
const PATIENCE = 5_000;

/** The most bytes of an answer. */
const LONGEST = 4 * 1024 * 1024;

const counts = z.array(z.number()).check(z.length(60));

const tool = z.object({
  name: z.string(),
  title: z.optional(z.string()),
  description: z.optional(z.string()),
  inputSchema: z.optional(z.unknown()),
  outputSchema: z.optional(z.unknown()),
  annotations: z.optional(z.record(z.string(), z.unknown())),
});

const details = z.object({
  version: z.optional(z.string()),
  isolation: z.enum(["session", "shared"]),
  members: z.optional(z.array(z.string())),
  sessions: z.number(),
  processes: z.number(),
  restarts: z.number(),
  since: z.iso.datetime(),
  minutes: z.object({ start: z.iso.datetime(), calls: counts, errors: counts }),
  log: z.array(z.string()),
  tools: z.optional(z.array(tool)),
  moreTools: z.optional(z.number()),
});

const answer = z.object({
  services: z.array(
    z.object({
      state: z.enum(["starting", "up", "needs", "failed", "stopped"]),
      problem: z.optional(z.string()),
      remedy: z.optional(z.string()),
      details: z.optional(details),
    }),
  ),
});

/** What a member says of itself. */
export type MemberStatus = Omit<ServiceStatus, "url" | "asksForToken" | "mayCall">;

interface Known {
  asked: number;
  asking: Promise<void> | undefined;
  members: readonly MemberStatus[];
}

const NONE: readonly MemberStatus[] = [];

/** What is known of the members of all groups. */
export class FarMembers {
  readonly #known = new WeakMap<Served, Known>();

  /** The members of a group that answered last; asks them again if that was long ago. */
  of(served: Served): readonly MemberStatus[] {
    const members = farMembersOf(served);
    if (members.length === 0) return NONE;
    const known = this.#known.get(served) ?? { asked: -Infinity, asking: undefined, members: NONE };
    this.#known.set(served, known);
    if (!known.asking && performance.now() - known.asked > PAUSE)
      known.asking = askAll(members, known).finally(() => (known.asking = undefined));
    return known.members;
  }

  /** The same, once they have been asked. */
  async settled(served: Served): Promise<readonly MemberStatus[]> {
    this.of(served);
    const known = this.#known.get(served);
    if (known?.members.length === 0) await known.asking;
    return known?.members ?? NONE;
  }
}

/** A member as visitors of the group see it, who reach it through the group. */
export const behind = ({ url, asksForToken, mayCall }: ServiceStatus, member: MemberStatus): ServiceStatus => ({
  ...member,
  url,
  asksForToken,
  mayCall,
});

/** The group that has a member of this name, and what the group calls a tool of it. */
export function throughGroup(services: readonly Served[], member: string, tool: string) {
  const served = services.find((one) => farMembersOf(one).some(({ name }) => name === member));
  return served && { served, service: served.service.name, tool: groupName(member, tool) };
}

/** The members of a group that run in gateways of their own. */
export const farMembersOf = ({ server }: Served) =>
  server.kind === "group" ? server.members.filter(({ url }) => url !== undefined) : [];

async function askAll(members: readonly GroupMember[], known: Known): Promise<void> {
  const answers = await Promise.all(members.map((member) => ask(member).catch(() => undefined)));
  known.asked = performance.now();
  known.members = answers.filter((member) => member !== undefined);
}

/** @throws when it is no gateway of ours, or does not answer in time */
async function ask({ name, url, headers = {} }: GroupMember): Promise<MemberStatus | undefined> {
  const options = { headers, redirect: "error", signal: AbortSignal.timeout(PATIENCE) } as const;
  const response = await fetch(new URL("_/status", url), options);
  const [only] = answer.parse(toldJson(JSON.parse(await textOf(response)))).services;
  return only && ({ name, ...only } as MemberStatus);
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > LONGEST) throw new Error(`its answer has more than ${LONGEST} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
