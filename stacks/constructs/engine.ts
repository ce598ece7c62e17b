/** Where containers run: this machine's Docker, or a host's over SSH. */
import { sshOptions } from "../provision/ssh.ts";

/** An engine as the provider and our own programs are told of it. */
export interface Engine {
  /** What the Docker provider gets. @default - this machine's engine, or that of DOCKER_HOST */
  readonly host?: string;
  /** Options of the ssh command. */
  readonly sshOpts?: readonly string[];
  /** What our own programs get. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The engine of this machine. */
export const thisMachine: Engine = { environment: {} };

/** The folder .gangway, as seen from where Terraform runs. */
const GANGWAY = "../../../.gangway";

/**
 * The engine of a host.
 * @param address where it is: known when it is there
 * @param keyFile the private key @default - the agent's keys, or ssh's own choice
 */
export function engineAt(address: string, port: number, keyFile?: string): Engine {
  const host = `ssh://root@${address}:${port}`;
  return {
    host,
    sshOpts: sshOptions({ folder: GANGWAY, port, keyFile }),
    environment: { DOCKER_HOST: host, ...(keyFile !== undefined && { SSH_PRIVATE_KEY_FILE: keyFile }) },
  };
}
