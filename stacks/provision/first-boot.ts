/** Waits for a new droplet until SSH lets us in, the first boot is over and Docker answers. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Host } from "./host.ts";
import { manual } from "../project.ts";
import { sshFailure } from "./ssh.ts";

export interface FirstBoot {
  readonly host: Host;
  readonly address: string;
  /** @default 22 */
  readonly port?: number;
  /** Reports progress to a person, a line at a time. */
  readonly say: (line: string) => void;
  /** ms to wait in total. @default 900_000 */
  readonly timeout?: number;
  /** ms for which the login may be refused, because a booting machine has no keys at first. @default 120_000 */
  readonly loginTimeout?: number;
  /** ms between two checks. @default 5_000 */
  readonly interval?: number;
}

/**
 * cloud-init writes this file when it has finished, with or without errors. `cloud-init status --wait` does not work on Debian 12:
 * it ends at the first error, even a small one that is not ours, while the boot continues.
 */
const CLOUD_INIT =
  "cat /run/cloud-init/result.json 2>/dev/null || { tail -n 1 /var/log/cloud-init-output.log; false; }";

/** @throws Error that says what happened and what to do */
export async function waitForFirstBoot(boot: FirstBoot): Promise<void> {
  const deadline = performance.now() + (boot.timeout ?? 900_000);
  boot.say(`waiting for ${boot.address} to let us in over SSH`);
  await until(boot, deadline, "true", isDone);
  boot.say("first boot: waiting for cloud-init");
  const errors = errorsIn(await until(boot, deadline, CLOUD_INIT, isDone));
  boot.say("first boot is over: waiting for Docker");
  // cloud-init has finished, so a Docker that is missing now will not come. A broken connection does not count.
  const isMissing = ({ code }: Answer) => code === 127 || (errors.length > 0 && code !== 255 && code !== null);
  const docker = await until(boot, deadline, DOCKER, (answer) => isDone(answer) || isMissing(answer));
  if (!isDone(docker)) throw new Error(await failed(boot, errors));
  if (errors.length > 0) boot.say(`cloud-init reported errors that did not affect Docker: ${errors.join("\n")}`);
  boot.say(`Docker ${docker.stdout} answers`);
}

/** The first boot installs Docker last, so a Docker that answers means that every step worked. */
const DOCKER = "docker info --format '{{.ServerVersion}}'";

const isDone = ({ code }: Answer) => code === 0;

/** Runs a command until its answer is the one to wait for. */
async function until(boot: FirstBoot, deadline: number, command: string, isDone: (answer: Answer) => boolean) {
  const { host, interval = 5_000 } = boot;
  let refusedSince: number | undefined;
  for (;;) {
    const answer = await host(command);
    if (isDone(answer)) return answer;
    const failure = answer.code === 255 ? sshFailure(answer.stderr) : undefined;
    if (failure === "host key changed") throw new Error(hostKeyChanged(boot));
    refusedSince = failure === "not admitted" ? (refusedSince ?? performance.now()) : undefined;
    const refusedFor = refusedSince === undefined ? 0 : performance.now() - refusedSince;
    if (refusedFor > (boot.loginTimeout ?? 120_000)) throw new Error(notAdmitted(boot.address, answer));
    if (performance.now() > deadline) throw new Error(tooLate(boot.address, answer));
    boot.say(`  not yet: ${lastLine(answer)}`);
    await sleep(interval);
  }
}

/** The errors that cloud-init reports, whether our steps or others caused them. */
function errorsIn({ stdout }: Answer): readonly string[] {
  const { v1 } = JSON.parse(stdout) as { readonly v1?: { readonly errors?: readonly string[] } };
  return v1?.errors ?? [];
}

async function failed({ host }: FirstBoot, errors: readonly string[]): Promise<string> {
  const log = await host("tail -n 20 /var/log/cloud-init-output.log");
  return (
    `the droplet's first boot failed, so Docker is missing or not set up correctly. cloud-init says:\n${errors.join("\n") || "no error at this boot"}\n` +
    `The last lines of /var/log/cloud-init-output.log on the droplet:\n${log.stdout || log.stderr}\n` +
    `Fix the cause, then replace the droplet (${manual.operate}, Replace the droplet).`
  );
}

const hostKeyChanged = ({ address, port = 22 }: FirstBoot) =>
  `the host key of ${address} has changed. If the droplet was replaced, that is expected: run ` +
  `ssh-keygen -R ${port === 22 ? address : `'[${address}]:${port}'`} -f .gangway/known_hosts, and apply again. Otherwise somebody may be intercepting the connection: do not continue.`;

const notAdmitted = (address: string, answer: Answer) =>
  `${address} refuses the login (${lastLine(answer)}): expected the private key of SSH_PUBLIC_KEY in the SSH agent, or its ` +
  "file in SSH_PRIVATE_KEY_FILE. A droplet accepts only the key that it was created with.";

const tooLate = (address: string, answer: Answer) =>
  `${address} was not ready in time. The last check: ${lastLine(answer)}. Make sure that SSH is open to this machine ` +
  "(SSH_FROM, SSH_PORT) and that the droplet is running. Apply again to keep waiting.";

const lastLine = ({ stderr, stdout, code }: Answer) =>
  (stderr || stdout)
    .split(/[\r\n]+/)
    .at(-1)
    ?.trim() ||
  (codes.get(code) ?? `exit code ${code}`);

/** What to say when a command printed nothing. */
const codes: ReadonlyMap<number | null, string> = new Map([
  [null, "it took too long"],
  [255, "the connection broke"],
]);
