/** The Docker engine that runs the containers: this machine's, or a host's over SSH. */
import { sshOptions } from "../provision/ssh.ts";

/** How the provider and our programs reach an engine. */
export interface Engine {
  /** The Docker provider's `host`. @default - the default socket of this machine */
  readonly host?: string;
  /** The folder with ca.pem, cert.pem and key.pem for an engine over TLS. @default - it takes none */
  readonly certificates?: string;
  /** Options of the provider's ssh command. */
  readonly sshOpts?: readonly string[];
  /** The environment of our programs. */
  readonly environment: Readonly<Record<string, string>>;
  /** The path of its socket as the engine sees it: what a container that has to ask the engine mounts. */
  readonly socket: string;
}

/** Where an engine has its socket, unless somebody has decided otherwise. */
export const ENGINE_SOCKET = "/var/run/docker.sock";

/** The engine of this machine, at its default place. */
export const thisMachine: Engine = { environment: {}, socket: ENGINE_SOCKET };

/** The folder .gangway, relative to the folder that Terraform runs in. */
const GANGWAY = "../../../.gangway";

/**
 * The engine of a host.
 * @param address may be a Terraform expression that is known only when the host exists
 * @param keyFile the private key @default - the agent's keys, or ssh's default
 */
export function engineAt(address: string, port: number, keyFile?: string): Engine {
  const host = `ssh://root@${address}:${port}`;
  return {
    host,
    sshOpts: sshOptions({ folder: GANGWAY, port, keyFile }),
    environment: { DOCKER_HOST: host, ...(keyFile !== undefined && { SSH_PRIVATE_KEY_FILE: keyFile }) },
    socket: ENGINE_SOCKET,
  };
}
