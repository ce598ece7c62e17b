/** How much a service is used, as its gateway's page tells whoever is on its machine (gateways/page/status.ts). */
import * as z from "zod/mini";

/** Since its gateway was started. */
export interface Usage {
  /** ISO 8601: since when the service has been in its state. */
  readonly since: string;
  readonly sessions: number;
  /** Calls of tools in the last hour. */
  readonly calls: number;
  /** How often its server was started again. */
  readonly restarts: number;
}

const details = z.object({
  since: z.string(),
  sessions: z.number(),
  restarts: z.number(),
  minutes: z.object({ calls: z.array(z.number()) }),
});

const page = z.object({ services: z.array(z.object({ name: z.string(), details: z.optional(details) })) });

/** By the names of the services. @param json of /_/status; anything else tells of none */
export function usageIn(json: unknown): ReadonlyMap<string, Usage> {
  const services = page.safeParse(json).data?.services ?? [];
  return new Map(services.flatMap(({ name, details }) => (details === undefined ? [] : [[name, usageOf(details)]])));
}

const usageOf = ({ since, sessions, restarts, minutes }: z.infer<typeof details>): Usage => ({
  since,
  sessions,
  restarts,
  calls: minutes.calls.reduce((sum, one) => sum + one, 0),
});
