/** Asks the Docker engine that a stack is deployed to, and no other. */
import { engineUrl } from "../../stacks/provision/ssh.ts";
import { type DockerCommand, dockerCommand } from "../../stacks/provision/docker.ts";
import type { Settings } from "../../stacks/settings.ts";
import { loginOf } from "../../stacks/settings/cloud.ts";
import { run } from "../kit/run.ts";
import type { Known } from "./known.ts";

/** Runs a docker command on an engine. @param input its standard input @returns what it prints @throws Error with its standard error */
export type AskEngine = (words: readonly string[], input?: string) => Promise<string>;

/**
 * This machine's engine for the stack `local`, that of the droplet or of SERVER for `services`.
 * @returns undefined for a stack without containers, and while there is no host
 */
export function engineOf(stack: string, known: Known, settings: Settings): AskEngine | undefined {
  return stack === "edge" ? undefined : hostEngineOf(stack, known, settings);
}

/** The same also for the stack `edge`, which makes its host. */
export function hostEngineOf(stack: string, known: Pick<Known, "host">, settings: Settings): AskEngine | undefined {
  const address = addressOf(stack, known, settings);
  return address && askEngine(address);
}

/** An engine; without a host, that of Docker's command line here. */
export type Address = Pick<DockerCommand, "host" | "keyFile">;

/** Where that engine is. */
export function addressOf(stack: string, { host }: Pick<Known, "host">, settings: Settings): Address | undefined {
  if (stack === "local") return {};
  if (host === undefined) return undefined;
  const login = loginOf(settings);
  return { host: engineUrl(host, login), keyFile: login.keyFile };
}

/** Asks the engine at an address. */
export const askEngine =
  (address: Address): AskEngine =>
  async (words, input) => {
    const command = dockerCommand(words, address);
    const { code, stdout, stderr } = await run(command, { input });
    if (code !== 0) throw new Error(stderr.trim() || `${command[0]} ended with exit code ${code}`);
    return words[0] === "logs" ? stdout + stderr : stdout; // a log comes on the two streams that it was written to
  };
