/** Waits for a new droplet: until it lets us in, its first boot is over, and Docker answers. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Host } from "./host.ts";
import { sshFailure } from "./ssh.ts";

export interface FirstBoot {
  readonly host: Host;
  readonly address: string;
  /** @default 22 */
  readonly port?: number;
  /** Where a person reads how it goes on. */
  readonly say: (line: string) => void;
  /** ms in all. @default 900_000 */
  readonly timeout?: number;
  /** ms for which a login may be refused: a machine that boots has no keys at first. @default 120_000 */
  readonly patience?: number;
  /** ms between two looks. @default 5_000 */
  readonly interval?: number;
}

/**
 * cloud-init writes this file when it is over, whatever came of it. `cloud-init status --wait` will not do: that of Debian 12
 * ends at the first error, a small one of somebody else's too, while the boot goes on.
 */
const CLOUD_INIT =
  "cat /run/cloud-init/result.json 2>/dev/null || { tail -n 1 /var/log/cloud-init-output.log; false; }";

/** @throws Error with what happened and what to do about it */
export async function waitForFirstBoot(boot: FirstBoot): Promise<void> {
  const deadline = performance.now() + (boot.timeout ?? 900_000);
  boot.say(`waiting for ${boot.address} to let us in over SSH`);
  await until(boot, deadline, "true", isDone);
  boot.say("first boot: waiting for cloud-init");
  const errors = errorsIn(await until(boot, deadline, CLOUD_INIT, isDone));
  boot.say("first boot is over: waiting for Docker");
  // Not to come: cloud-init is over. A connection that breaks says nothing of that.
  const isMissing = ({ code }: Answer) => code === 127 || (errors.length > 0 && code !== 255 && code !== null);
  const docker = await until(boot, deadline, DOCKER, (answer) => isDone(answer) || isMissing(answer));
  if (!isDone(docker)) throw new Error(await failed(boot, errors));
  if (errors.length > 0) boot.say(`cloud-init got over this: ${errors.join("\n")}`);
  boot.say(`Docker ${docker.stdout} answers`);
}

/** Our first boot installs it last: where it answers, what came before went well. */
const DOCKER = "docker info --format '{{.ServerVersion}}'";

const isDone = ({ code }: Answer) => code === 0;

/** Asks again until the answer will do. */
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
    if (refusedFor > (boot.patience ?? 120_000)) throw new Error(notAdmitted(boot.address, answer));
    if (performance.now() > deadline) throw new Error(tooLate(boot.address, answer));
    boot.say(`  not yet: ${lastLine(answer)}`);
    await sleep(interval);
  }
}

/** What cloud-init says that went wrong, ours or not. */
function errorsIn({ stdout }: Answer): readonly string[] {
  const { v1 } = JSON.parse(stdout) as { readonly v1?: { readonly errors?: readonly string[] } };
  return v1?.errors ?? [];
}

async function failed({ host }: FirstBoot, errors: readonly string[]): Promise<string> {
  const log = await host("tail -n 20 /var/log/cloud-init-output.log");
  return (
    `the droplet's first boot failed, so that Docker is missing or not as it must be: cloud-init says\n${errors.join("\n") || "no error at this boot"}\n` +
    `The last lines of /var/log/cloud-init-output.log on the droplet:\n${log.stdout || log.stderr}\n` +
    "When the fault is gone, replace the droplet (stacks/README.md, Replace the droplet)."
  );
}

const hostKeyChanged = ({ address, port = 22 }: FirstBoot) =>
  `${address} shows another host key than before. After a replacement of the droplet that is right: ` +
  `ssh-keygen -R ${port === 22 ? address : `'[${address}]:${port}'`} -f .gangway/known_hosts, and apply again. Otherwise somebody may stand in between: do not go on.`;

const notAdmitted = (address: string, answer: Answer) =>
  `${address} does not let us in (${lastLine(answer)}): expected the private key of SSH_PUBLIC_KEY in the SSH agent, or its ` +
  "file in SSH_PRIVATE_KEY_FILE. A droplet knows only the key that it was made with.";

const tooLate = (address: string, answer: Answer) =>
  `${address} was not ready in time. The last look at it: ${lastLine(answer)}. Is SSH open to this machine (SSH_FROM, ` +
  "SSH_PORT), and is the droplet running? Apply again to go on waiting.";

const lastLine = ({ stderr, stdout, code }: Answer) =>
  (stderr || stdout)
    .split(/[\r\n]+/)
    .at(-1)
    ?.trim() ||
  (codes.get(code) ?? `exit code ${code}`);

/** How a command ends that says nothing. */
const codes: ReadonlyMap<number | null, string> = new Map([
  [null, "it took too long"],
  [255, "the connection broke"],
]);
