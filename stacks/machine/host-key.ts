/** Makes sure that a machine is the one that is meant, before anybody logs in to it for the first time. */
import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type MachineAddress, destinationOf, shownMachine } from "./address.ts";

export interface HostKeyProps {
  readonly machine: MachineAddress;
  /** Options for ssh that trust only what our known_hosts has. */
  readonly options: readonly string[];
  /** Our known_hosts. */
  readonly file: string;
  /** SERVER_HOST_KEY: a fingerprint, as in "SHA256:...", or a public key. @default - a person decides */
  readonly expected?: string | undefined;
  /** Asks a person, who is shown the fingerprint in the question. @default - there is nobody to ask */
  readonly ask?: ((question: string) => Promise<boolean>) | undefined;
}

/**
 * Writes the machine's host key into our known_hosts, if it is the expected one. ssh itself fetches the key, without logging in,
 * so that jump hosts and names of its config work.
 * @throws Error when it is another one, or nobody can say
 */
export async function learnHostKey({ machine, options, file, expected, ask }: HostKeyProps): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "gangway-host-key-"));
  try {
    const found = join(folder, "known_hosts");
    await fetchHostKey(machine, options, found);
    const line = readFileSync(found, "utf8");
    const key = { line, fingerprint: await fingerprintOf(found) };
    if (expected === undefined) await agree(machine, key, ask);
    else if (!isExpected(expected, key)) throw new Error(anotherKey(machine, key));
    appendFileSync(file, line, { mode: 0o600 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface HostKey {
  /** As in known_hosts. */
  readonly line: string;
  /** As in "SHA256:...". */
  readonly fingerprint: string;
}

/** With no way to log in, ssh ends as soon as it has the key. The first of several values of an option counts. */
async function fetchHostKey(machine: MachineAddress, options: readonly string[], file: string): Promise<void> {
  const own = [
    "StrictHostKeyChecking=accept-new",
    `UserKnownHostsFile=${file}`,
    "HashKnownHosts=no",
    "ControlPath=none",
  ];
  const words = [...own, "PreferredAuthentications=none"].flatMap((option) => ["-o", option]);
  const { stderr } = await ran("ssh", [...words, ...options, destinationOf(machine), "true"]);
  try {
    readFileSync(file);
  } catch {
    throw new Error(`${shownMachine(machine)} cannot be reached over SSH: ${lastLine(stderr)}`);
  }
}

async function fingerprintOf(file: string): Promise<string> {
  const { stdout } = await ran("ssh-keygen", ["-l", "-f", file]);
  return /SHA256:\S+/.exec(stdout)?.[0] ?? "";
}

/** A fingerprint or a key, with or without what else stands in its line. */
function isExpected(expected: string, { line, fingerprint }: HostKey): boolean {
  const blob = line.trim().split(" ").at(-1)!;
  return expected.split(/[\s,]+/).some((word) => word === fingerprint || word === blob);
}

async function agree(machine: MachineAddress, { fingerprint }: HostKey, ask: HostKeyProps["ask"]): Promise<void> {
  const shown = shownMachine(machine);
  if (ask === undefined)
    throw new Error(
      `${shown} is not known yet, and nobody is here to say whether it is the right machine. It shows the host key ${fingerprint}: compare it with ` +
        `what the machine itself says (${HOW}), and set SERVER_HOST_KEY=${fingerprint} if it is the same`,
    );
  const isRight = await ask(
    `${shown} is not known yet. Its host key is ${fingerprint} (on the machine: ${HOW}). Is that right?`,
  );
  if (!isRight) throw new Error(`${shown} was not changed: its host key was not confirmed`);
}

const HOW = "for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $key; done";

const anotherKey = (machine: MachineAddress, { fingerprint }: HostKey) =>
  `${shownMachine(machine)} has the host key ${fingerprint}, which is not SERVER_HOST_KEY: somebody may be intercepting the connection, or the machine ` +
  `was installed anew. Nothing was sent to it. On the machine: ${HOW}`;

const lastLine = (said: string) =>
  said
    .trim()
    .split(/[\r\n]+/)
    .at(-1) || "ssh said nothing";

async function ran(program: string, words: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { stdout, stderr };
}
