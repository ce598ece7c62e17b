/** Runs Docker's command line, here or on the host that DOCKER_HOST names, for the programs that Terraform runs. */
import { spawn } from "node:child_process";
import { relative } from "node:path";
import { text } from "node:stream/consumers";
import { place } from "../project.ts";
import { environmentVariable } from "../settings.ts";
import { onHost } from "./ssh.ts";

/** Relative to the current folder: Terraform runs programs in cdktf.out/stacks/<stack>, a person in the project's folder. */
const GANGWAY = relative(process.cwd(), place.gangway);

/**
 * Runs a docker command.
 * @param input its standard input; pass secrets here, not on the command line
 * @param keyFile the private key for a host over SSH @default - SSH_PRIVATE_KEY_FILE of the environment, or ssh's own choice
 * @returns its standard output
 * @throws Error with its standard error
 */
export async function docker(args: readonly string[], input = "", keyFile?: string): Promise<string> {
  return (await run(args, input, keyFile)).stdout;
}

/** The last lines of a container's log. */
export async function lastLog(container: string): Promise<string> {
  const { stdout, stderr } = await run(["logs", "--tail", "30", container], "");
  return (stdout + stderr).trimEnd();
}

async function run(
  args: readonly string[],
  input: string,
  keyFile?: string,
): Promise<{ stdout: string; stderr: string }> {
  const [program = "", ...words] = dockerCommand(args, { keyFile });
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  child.stdin.on("error", () => {}); // the exit code tells what happened
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(stderr.trim() || `${program} ended with exit code ${code}`);
  return { stdout, stderr };
}

/** How the command is run. */
export interface DockerCommand {
  /** @default - SSH_PRIVATE_KEY_FILE of the environment, or ssh's own choice */
  readonly keyFile?: string | undefined;
  /** Whether it has our terminal. @default false */
  readonly hasTerminal?: boolean;
  /** The engine, as in DOCKER_HOST. @default - the one that Docker's command line uses */
  readonly host?: string | undefined;
}

/**
 * The words that run a docker command. Over SSH, Docker runs on the host: a client here would not use our ssh options, and may
 * not be installed.
 */
export function dockerCommand(
  args: readonly string[],
  { keyFile, hasTerminal = false, host = environmentVariable("DOCKER_HOST") }: DockerCommand = {},
): readonly string[] {
  const words = ["docker", ...args];
  if (!host?.startsWith("ssh://")) return words;
  const key = keyFile ?? environmentVariable("SSH_PRIVATE_KEY_FILE");
  return onHost(host, words, { folder: GANGWAY, keyFile: key, hasTerminal });
}
