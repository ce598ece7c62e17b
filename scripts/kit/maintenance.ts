/** Maintenance: while it is on, the proxy answers in place of services. Files in its volume are the switch (templates/nginx). */
import * as z from "zod/mini";
import type { Deployment } from "./deployment.ts";

/** Where the proxy looks for answers: in a folder for each host, and in `all`. */
export const SWITCHES = "/etc/nginx/conf.d/maintenance";

/** The folder for all services. No host has a name without a dot. */
export const ALL = "all";

/** What callers are told while it is on: JSON-RPC's error, and what `gangway status` tells. */
export const answer = z.object({
  jsonrpc: z.literal("2.0"),
  id: z.null(),
  error: z.object({
    code: z.number(),
    message: z.string(),
    data: z.object({
      error: z.literal("maintenance"),
      /** ISO 8601. */
      since: z.string(),
      /** What whoever switched it on has to say. */
      message: z.optional(z.string()),
    }),
  }),
});

/** Maintenance that is on. */
export interface Maintenance {
  /** A host name, or `all`. */
  readonly of: string;
  /** ISO 8601. */
  readonly since: string;
  readonly message?: string | undefined;
}

/** What is on in a deployment. @param proxy the id or name of its proxy's container, which runs */
export async function readMaintenance(proxy: string, ask: Deployment["ask"]): Promise<Maintenance[]> {
  const each = `[ -f "$of/answer.json" ] && printf '%s\\t' "$of" && cat "$of/answer.json" && echo`;
  const script = `cd ${SWITCHES} 2>/dev/null || exit 0; for of in *; do ${each}; done; true`;
  const lines = (await ask(["exec", proxy, "sh", "-c", script])).split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const [of = "", json = ""] = line.split("\t");
    const { since, message } = answer.parse(JSON.parse(json)).error.data;
    return { of, since, message };
  });
}

/** A path that a gateway answers at once, to anybody, and that is nobody's health. */
export const ASKED = "/.well-known/oauth-protected-resource";

/** What callers are told while maintenance is on. @param json the answer to `ASKED` @returns undefined: it is off */
export const toldIn = (json: unknown): string | undefined => answer.safeParse(json).data?.error.message;

/** Asks as a caller of a URL does. @returns what it is told; undefined: maintenance is off, or nobody answers there */
export async function maintenanceAt(url: string): Promise<string | undefined> {
  const headers = { accept: "application/json" };
  const asked = fetch(new URL(ASKED, url), { headers, signal: AbortSignal.timeout(5_000) });
  return toldIn(await asked.then((response) => response.json()).catch(() => undefined));
}
