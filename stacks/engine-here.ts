/** Which Docker engine is this machine's: asked of Docker's own command line once, so that Terraform and our programs use the same. */
import { execFile } from "node:child_process";
import { hostname } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod/mini";
import { ENGINE_SOCKET, type Engine, thisMachine } from "./constructs/engine.ts";
import { environmentVariable } from "./settings.ts";

/** What Docker's command line uses where nothing is set. */
const DEFAULT_HOST = `unix://${ENGINE_SOCKET}`;

/** Milliseconds that Docker has to say it: a synth needs no engine, and goes on without an answer. */
const ANSWER_TIME = 5_000;

/** Runs a docker command. @returns its standard output @throws Error when it fails */
export type AskDocker = (words: readonly string[]) => Promise<string>;

/** The machine that Docker's command line runs on. */
export interface Machine {
  /** As Node calls it: "linux", "darwin", "win32". */
  readonly platform: string;
  readonly hostname: string;
  /** DOCKER_HOST, for a machine that has an engine and no command line. */
  readonly dockerHost: string | undefined;
}

const contexts = z.array(
  z.object({
    Endpoints: z.object({ docker: z.object({ Host: z.string() }) }),
    TLSMaterial: z.optional(z.nullable(z.object({ docker: z.optional(z.array(z.string())) }))),
    Storage: z.optional(z.object({ TLSPath: z.string() })),
  }),
);

const information = z.object({
  Name: z._default(z.string(), ""),
  OperatingSystem: z._default(z.string(), ""),
  SecurityOptions: z._default(z.nullable(z.array(z.string())), []),
});

/**
 * The engine that `docker` uses: DOCKER_HOST, else that of the context (DOCKER_CONTEXT, `docker context use`), else the default
 * socket. Terraform's provider knows no contexts, so it is told.
 */
export async function engineHere(ask: AskDocker = askDocker, machine: Machine = thisOne()): Promise<Engine> {
  const { host, certificates } = (await contextOf(ask)) ?? { host: machine.dockerHost ?? DEFAULT_HOST };
  if (host === DEFAULT_HOST) return thisMachine;
  return {
    host,
    ...(certificates !== undefined && { certificates }),
    environment: {
      DOCKER_HOST: host,
      ...(certificates !== undefined && { DOCKER_CERT_PATH: certificates, DOCKER_TLS_VERIFY: "1" }),
    },
    socket: await socketOf(host, ask, machine),
  };
}

async function contextOf(ask: AskDocker): Promise<{ host: string; certificates?: string } | undefined> {
  try {
    const [context] = contexts.parse(JSON.parse(await ask(["context", "inspect"])));
    if (context === undefined || context.Endpoints.docker.Host === "") return undefined;
    const { Endpoints, TLSMaterial, Storage } = context;
    const hasCertificates = (TLSMaterial?.docker ?? []).length > 0 && Storage !== undefined;
    return {
      host: Endpoints.docker.Host,
      ...(hasCertificates && { certificates: join(Storage.TLSPath, "docker") }),
    };
  } catch {
    return undefined;
  }
}

/**
 * Where the engine itself finds its socket. In the virtual machine of Docker Desktop, Colima or OrbStack it is at the default place,
 * whatever path leads to it from here. An engine of this machine (rootless, Podman, one of several) has it where we reach it.
 */
async function socketOf(host: string, ask: AskDocker, machine: Machine): Promise<string> {
  if (!host.startsWith("unix://") || machine.platform !== "linux") return ENGINE_SOCKET;
  const path = host.slice("unix://".length);
  const said = await ask(["info", "--format", "{{json .}}"]).catch(() => undefined);
  if (said === undefined) return path;
  const { Name, OperatingSystem, SecurityOptions } = information.parse(JSON.parse(said));
  const isHere = Name === machine.hostname && OperatingSystem !== "Docker Desktop";
  const isRootless = (SecurityOptions ?? []).some((option) => option.includes("rootless"));
  return isHere || isRootless ? path : ENGINE_SOCKET;
}

const askDocker: AskDocker = async (words) =>
  (await promisify(execFile)("docker", words, { timeout: ANSWER_TIME, windowsHide: true })).stdout;

const thisOne = (): Machine => ({
  platform: process.platform,
  hostname: hostname(),
  dockerHost: environmentVariable("DOCKER_HOST"),
});
