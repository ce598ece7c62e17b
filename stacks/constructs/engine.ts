/** Where containers run: this machine's Docker, or a host's over SSH. */

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
