/** Asks the hub of a running gateway for the health of its services. */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod/mini";

const health = z.object({
  status: z.literal("healthy"),
  settled: z.boolean(),
  services: z.array(
    z.object({
      name: z.string(),
      url: z.string(),
      state: z.enum(["starting", "up", "needs", "failed"]),
      tools: z.optional(z.nullable(z.number())),
      /** Whether the first call starts it. */
      rests: z.optional(z.boolean()),
      needs: z.optional(z.nullable(z.string())),
      error: z.optional(z.nullable(z.string())),
      /** Tools that are not as they were reviewed, in words. */
      unreviewed: z.optional(z.array(z.string())),
    }),
  ),
});

type Hub = z.infer<typeof health>;

/** What the hub reports about one service. */
export type ServiceHealth = Hub["services"][number];

/** The services behind the hub; undefined when nobody answers there. */
export async function askHub(hub: string): Promise<Hub | undefined> {
  const response = await fetch(`${hub}/health`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  if (!response) return undefined;
  const parsed = health.safeParse(await response.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new Error(
    `${hub} answers, but it is not a Gangway hub. If npm start runs elsewhere, name its address: --url http://127.0.0.1:<port>`,
  );
}

/** How long is asked, and who is told. */
export interface Asking {
  /** Milliseconds after which a service that is still starting has failed. @default 90000 */
  readonly timeout?: number;
  /** Is told each answer. */
  readonly onHealth?: ((services: readonly ServiceHealth[]) => void) | undefined;
}

/** Asks until no service is starting any more. */
export async function settledServices(
  hub: string,
  signal: AbortSignal,
  { timeout = 90_000, onHealth }: Asking = {},
): Promise<ServiceHealth[]> {
  const end = Date.now() + timeout;
  for (;;) {
    const answer = await askHub(hub);
    if (answer) onHealth?.(answer.services);
    if (answer?.settled) return answer.services;
    if (Date.now() > end) return giveUp(answer);
    await sleep(100, undefined, { signal });
  }
}

function giveUp(answer: Hub | undefined): ServiceHealth[] {
  if (!answer) throw new Error("the gateway runs, but does not answer.");
  return answer.services.map((service) =>
    service.state === "starting" ? { ...service, state: "failed", error: "it has not started in time" } : service,
  );
}
