/** The Docker engine that runs the containers: this machine's, or a host's over SSH. */
import { engineUrl, sshOptions } from "../provision/ssh.ts";

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

/** How to log in to a host, besides its address. */
export interface Login {
  /** @default - whom ssh's config names */
  readonly user?: string | undefined;
  /** @default - that of ssh's config, or 22 */
  readonly port?: number | undefined;
  /** The private key. @default - the agent's keys, or ssh's default */
  readonly keyFile?: string | undefined;
  /** Whether its host key must be known by now. @default false - a droplet is new */
  readonly isKnown?: boolean;
}

/**
 * The engine of a host. Our programs need not be told that the host is known: the provider, which connects before them, looks.
 * @param address may be a Terraform expression that is known only when the host exists
 */
export function engineAt(address: string, { user, port, keyFile, isKnown = false }: Login): Engine {
  const host = engineUrl(address, { user, port });
  return {
    host,
    sshOpts: sshOptions({ folder: GANGWAY, port, keyFile, isKnown }),
    environment: { DOCKER_HOST: host, ...(keyFile !== undefined && { SSH_PRIVATE_KEY_FILE: keyFile }) },
    socket: ENGINE_SOCKET,
  };
}
