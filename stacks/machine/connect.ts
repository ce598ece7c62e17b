/** Logs in to the machine of SERVER, and looks whether we can work on it. */
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { place, project } from "../project.ts";
import { type Answer, hostOver } from "../provision/host.ts";
import { sshFailure, sshOptions } from "../provision/ssh.ts";
import { destinationOf, type MachineAddress, shownMachine } from "./address.ts";
import { type Facts, FACTS, readFacts } from "./facts.ts";
import { type HostKeyProps, learnHostKey } from "./host-key.ts";
import { refusals } from "./refusal.ts";
import { quoted } from "./step.ts";

export interface ConnectProps {
  readonly machine: MachineAddress;
  /** Whether 80 and 443 are to be ours: EXPOSURE=direct. */
  readonly direct: boolean;
  /** The private key's file. @default - the agent's keys, and those of ssh's config */
  readonly keyFile?: string | undefined;
  /** SERVER_HOST_KEY. @default - a person decides at the first contact */
  readonly hostKey?: string | undefined;
  /** Asks a person. @default - there is nobody to ask */
  readonly ask?: HostKeyProps["ask"];
}

/** A machine that we can work on. */
export interface Machine {
  /** As in SERVER. */
  readonly name: string;
  /** Who logs in; undefined for root. */
  readonly user: string | undefined;
  /** Runs sh as root, and ends at the first command that fails. */
  asRoot(script: string): Promise<Answer>;
  /** Runs a command as whoever logs in, with the groups that this user has by now. */
  anew(command: string): Promise<Answer>;
}

/** ms for one step: the slowest installs packages, and waits for others that do. */
const LONGEST = 1_200_000;

/** @throws Error when it cannot be reached, is not the one that is meant, or is none that we work on, before anything is changed */
export async function connect(props: ConnectProps): Promise<Machine> {
  const { machine, keyFile, direct } = props;
  await mkdir(place.gangway, { recursive: true });
  if (keyFile !== undefined) await needsFile(keyFile);
  const options = sshOptions({ folder: ".gangway", port: machine.port, keyFile, isKnown: true });
  const name = shownMachine(machine);
  const facts = await factsOf(props, options);
  const problems = refusals(facts, { direct });
  if (problems.length > 0)
    throw new Error(`${name} was not changed:\n${problems.map((line) => `  ${line}`).join("\n")}`);
  const host = hostOver(options, destinationOf(machine), project, LONGEST);
  const sudo = facts.isRoot ? "" : "sudo -n ";
  return {
    name,
    user: facts.isRoot ? undefined : facts.user,
    asRoot: (script) => host(`${sudo}sh -c ${quoted(`set -e\n${script}`)}`),
    anew: async (command) => {
      // A connection has the groups of its beginning, and is shared.
      if (!facts.isRoot) await hostOver([...options, "-O", "exit"], destinationOf(machine), project, 10_000)("");
      return host(command);
    },
  };
}

async function factsOf(props: ConnectProps, options: readonly string[]): Promise<Facts> {
  const { machine, hostKey: expected, ask } = props;
  const host = hostOver(options, destinationOf(machine), project, 120_000);
  const look = () => host(`sh -c ${quoted(FACTS)}`);
  const first = await look();
  const isUnknown =
    first.code === 255 && /host key is known for|verification failed/.test(first.stderr) && !isChanged(first);
  if (isUnknown) await learnHostKey({ machine, options, file: join(place.gangway, "known_hosts"), expected, ask });
  const answer = isUnknown ? await look() : first;
  if (answer.code === 0) return readFacts(answer.stdout);
  throw new Error(isChanged(answer) ? hostKeyChanged(machine) : notConnected(machine, answer));
}

const isChanged = ({ stderr }: Answer) => stderr.includes("REMOTE HOST IDENTIFICATION HAS CHANGED");

function hostKeyChanged(machine: MachineAddress): string {
  const { host, port } = machine;
  const entry = port === undefined || port === 22 ? host : `'[${host}]:${port}'`;
  return (
    `the host key of ${shownMachine(machine)} has changed, and nothing was sent to it. If the machine was installed anew, that is expected: run ` +
    `ssh-keygen -R ${entry} -f .gangway/known_hosts, and try again. Otherwise somebody may be intercepting the connection: do not continue.`
  );
}

function notConnected(machine: MachineAddress, answer: Answer): string {
  const name = shownMachine(machine);
  const said = answer.stderr.split(/[\r\n]+/).at(-1) || SILENT.get(answer.code) || `exit code ${answer.code}`;
  if (answer.code !== 255) return `${name} does not say what it is (${said}): expected a login that runs sh`;
  if (sshFailure(answer.stderr) === "not admitted")
    return `${name} refuses the login (${said}): expected a key that may log in there in the SSH agent, in ssh's config, or in SSH_PRIVATE_KEY_FILE`;
  return `${name} cannot be reached over SSH (${said}): expected that \`ssh ${destinationOf(machine)}\` works here, except for its first question`;
}

/** What to say when nothing was printed. */
const SILENT: ReadonlyMap<number | null, string> = new Map([
  [null, "it took too long"],
  [255, "the connection broke"],
]);

async function needsFile(keyFile: string): Promise<void> {
  await access(keyFile).catch(() => {
    throw new Error(
      `SSH_PRIVATE_KEY_FILE is "${keyFile}", which is not a readable file: expected a private key, or unset it to use the SSH agent`,
    );
  });
}
