/** What the containers of a deployment are asked: how their gateways are, how much memory they have, how long certificates last. */
import { X509Certificate } from "node:crypto";
import * as z from "zod/mini";
import type { Deployment } from "../kit/deployment.ts";
import { CERTIFICATES, type Inspected } from "./inspected.ts";
import { type Usage, usageIn } from "./usage.ts";

type Ask = Deployment["ask"];

/** What a gateway says of its service. */
export interface GatewayFigures extends Partial<Usage> {
  /** Whether it takes calls. */
  readonly isReady: boolean;
  /** Why not, in its words. */
  readonly why?: string | undefined;
}

const readiness = z.object({
  ready: z._default(z.boolean(), false),
  error: z.optional(z.string()),
  state: z.optional(z.string()),
});

/** Asked from inside its container: whoever is there may know everything, and no port has to be open. */
const ASK = `const ask = (path) => fetch("http://127.0.0.1:" + process.argv[1] + path).then((r) => r.json()).catch(() => null);
Promise.all([ask("/ready"), ask("/_/status")]).then((answers) => require("fs").writeSync(1, JSON.stringify(answers)));`;

/** Asks the gateway in a container. One that does not answer is not ready. */
export async function askGateway({ id, port = "" }: Inspected, ask: Ask): Promise<GatewayFigures> {
  const said = await ask(["exec", id, "node", "-e", ASK, port]).catch(() => "[null,null]");
  return readGateway(JSON.parse(said));
}

/** @param answers to /ready and to /_/status; null = there was none */
export function readGateway(answers: unknown): GatewayFigures {
  const [ready, status] = answers as readonly [unknown, unknown];
  const { ready: isReady = false, error, state } = readiness.safeParse(ready).data ?? {};
  const why = isReady ? undefined : (error ?? state ?? "does not answer");
  const [usage] = usageIn(status).values();
  return { isReady, why, ...usage };
}

/** Bytes of memory that containers have, by their ids. */
export async function memoryOf(containers: readonly Inspected[], ask: Ask): Promise<ReadonlyMap<string, number>> {
  const ids = containers.filter(({ isRunning }) => isRunning).map(({ id }) => id);
  if (ids.length === 0) return new Map();
  const said = await ask(["stats", "--no-stream", "--no-trunc", "--format", "{{.ID}} {{.MemUsage}}", ...ids]);
  return readMemory(said);
}

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** @param text as `docker stats` prints it: an id and "71.3MiB / 512MiB" in each line */
export const readMemory = (text: string): ReadonlyMap<string, number> =>
  new Map(
    Array.from(text.matchAll(/^(\w+) ([\d.]+)([KMG]?i?B) /gm), ([, id = "", count, unit = ""]) => [
      id,
      Math.round(Number(count) * (UNITS[unit] ?? Number.NaN)),
    ]),
  );

/** When certificates end, by their host names: ISO 8601. Without a proxy that has any, none. */
export async function certificatesOf(containers: readonly Inspected[], ask: Ask): Promise<ReadonlyMap<string, string>> {
  const proxy = containers.find(
    ({ part, isRunning, hasCertificates }) => part === "proxy" && isRunning && hasCertificates,
  );
  if (proxy === undefined) return new Map();
  const script = `cd ${CERTIFICATES} && for file in *.crt; do [ -f "$file" ] && echo "$file" && cat "$file"; done; true`;
  return readCertificates(await ask(["exec", proxy.id, "sh", "-c", script]));
}

/** @param text the name of each file, and the certificate in it with its chain below */
export const readCertificates = (text: string): ReadonlyMap<string, string> =>
  new Map(
    Array.from(
      text.matchAll(/^(\S+)\.crt\n(-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----)/gm),
      ([, host = "", pem = ""]) => [host, new Date(new X509Certificate(pem).validTo).toISOString()],
    ),
  );

/** Whether the tunnel is connected; undefined where there is none, or its connector cannot say. */
export async function tunnelOf(containers: readonly Inspected[], ask: Ask): Promise<boolean | undefined> {
  const connector = containers.find(({ part }) => part === "connector");
  if (connector === undefined) return undefined;
  if (!connector.isRunning) return false;
  const words = ["exec", connector.id, "cloudflared", "tunnel", "--metrics", "127.0.0.1:20241", "ready"];
  return ask(words).then(
    () => true,
    (error: Error) => (/exit code 12[67]$|executable file not found/.test(error.message) ? undefined : false),
  );
}
