/** Asks a running gateway's hub how its services are. */
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const health = z.object({
  status: z.literal("healthy"),
  settled: z.boolean(),
  services: z.array(
    z.object({
      name: z.string(),
      url: z.string(),
      state: z.enum(["starting", "up", "needs", "failed"]),
      tools: z.number().nullable().optional(),
      needs: z.string().nullable().optional(),
      error: z.string().nullable().optional(),
    }),
  ),
});

type Hub = z.infer<typeof health>;

/** What the hub says of one service. */
export type ServiceHealth = Hub["services"][number];

/** The services behind the hub; undefined when nobody answers there. */
export async function askHub(hub: string): Promise<Hub | undefined> {
  const response = await fetch(`${hub}/health`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  if (!response) return undefined;
  const parsed = health.safeParse(await response.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new Error(`${hub} answers, but it is no Gangway hub.`);
}

/** Asks until no service is starting, or the time is up: what is still starting then has failed. */
export async function settledServices(hub: string, signal: AbortSignal, patience = 90_000): Promise<ServiceHealth[]> {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await askHub(hub);
    if (answer?.settled) return answer.services;
    if (Date.now() > end) return giveUp(answer);
    await sleep(100, undefined, { signal });
  }
}

/** Whether something listens there already: what answers on the port would not be our gateway. */
export async function isTaken(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  return once(server, "listening").then(
    () => new Promise((resolve) => server.close(() => resolve(false))),
    () => true,
  );
}

function giveUp(answer: Hub | undefined): ServiceHealth[] {
  if (!answer) throw new Error("the gateway runs, but does not answer.");
  return answer.services.map((service) =>
    service.state === "starting" ? { ...service, state: "failed", error: "it has not started in time" } : service,
  );
}
