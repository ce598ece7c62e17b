/** Run by Terraform for a new droplet: waits until its first boot is over and Docker answers. */
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";
import { onHost } from "./ssh.ts";

const { values } = parseArgs({ options: { timeout: { type: "string", default: "600" } } });
const host = process.env["DOCKER_HOST"] ?? "";

/** What must be so, in this order; each is asked until it is. */
const steps = [
  ["SSH answers", ["true"]],
  ["the first boot is over (cloud-init)", ["cloud-init", "status", "--wait"]],
  ["Docker answers", ["docker", "info", "--format", "{{.ServerVersion}}"]],
] as const;

const deadline = performance.now() + Number(values.timeout) * 1_000;
try {
  for (const [what, words] of steps) {
    await until(what, words);
    console.log(`${new URL(host).hostname}: ${what}`);
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function until(what: string, words: readonly string[]): Promise<void> {
  for (;;) {
    const problem = await ask(words);
    if (problem === undefined) return;
    if (performance.now() > deadline)
      throw new Error(
        `${host}: expected within ${values.timeout} s: ${what}. The last answer was: ${problem}. Is the private key of SSH_PUBLIC_KEY in the ` +
          `agent (or in SSH_PRIVATE_KEY_FILE), and may this machine reach port 22 (SSH_FROM)? Then apply again: it goes on from here.`,
      );
    await sleep(3_000);
  }
}

/** What went wrong; undefined when it answered. */
async function ask(words: readonly string[]): Promise<string | undefined> {
  const [program = "", ...args] = onHost(host, words, process.env["SSH_PRIVATE_KEY_FILE"]);
  try {
    await promisify(execFile)(program, args, { timeout: Math.max(1_000, deadline - performance.now()) });
    return undefined;
  } catch (error) {
    const { stderr = "", message } = error as Error & { stderr?: string };
    return stderr.trim().split("\n").at(-1) || message;
  }
}
