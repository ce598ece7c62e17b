/** How the provider and our programs log in to the host. */

export interface SshSettings {
  /** The folder `.gangway`, relative to where ssh runs, because the path of a control socket must be short. */
  readonly folder: string;
  /** @default - that of ssh's config, or 22 */
  readonly port?: number | undefined;
  /**
   * The private key's file, from SSH_PRIVATE_KEY_FILE.
   * @default - the agent's keys, and ssh's default files
   */
  readonly keyFile?: string | undefined;
  /** Whether what runs there has our terminal. @default false */
  readonly hasTerminal?: boolean;
  /** Whether a host that is not known yet is refused, and not learned. @default false */
  readonly isKnown?: boolean;
}

/**
 * The arguments for ssh, one word each. ssh never prompts. It trusts a new droplet's key on first contact, keeps it in our own
 * known_hosts and checks it from then on; a machine that exists must be in there. What else is needed, such as a jump host, is
 * in ssh's own config.
 */
export function sshOptions({ folder, port, keyFile, hasTerminal = false, isKnown = false }: SshSettings): string[] {
  const options = {
    BatchMode: "yes",
    ConnectTimeout: "10",
    ServerAliveInterval: "15",
    ServerAliveCountMax: "4",
    StrictHostKeyChecking: isKnown ? "yes" : "accept-new",
    UserKnownHostsFile: `${folder}/known_hosts`,
    // Share one connection: sshd drops some of many that arrive at once.
    ControlMaster: "auto",
    ControlPath: `${folder}/ssh-%C`,
    ControlPersist: "60",
  };
  const words = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const key = keyFile === undefined ? [] : ["-o", "IdentitiesOnly=yes", "-i", keyFile];
  const at = port === undefined ? [] : ["-p", String(port)];
  return [...words, ...at, ...key, ...(hasTerminal ? ["-t"] : [])];
}

/**
 * Wraps a command line so that it runs on a host.
 * @param host `ssh://user@name:port`, as in DOCKER_HOST
 */
export function onHost(host: string, words: readonly string[], settings: Omit<SshSettings, "port">): string[] {
  const { username, hostname, port } = new URL(host);
  const options = sshOptions({ ...settings, port: port === "" ? undefined : Number(port) });
  const name = hostname.replaceAll(/[[\]]/g, ""); // of an IPv6 address
  return ["ssh", ...options, username === "" ? name : `${username}@${name}`, "--", words.map(quoted).join(" ")];
}

/** Quotes a word for the remote shell. */
const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/** Why ssh itself failed (exit code 255). */
export type SshFailure = "host key changed" | "not admitted" | "not reached";

/** Reads the reason from what ssh wrote. */
export function sshFailure(stderr: string): SshFailure {
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/.test(stderr)) return "host key changed";
  return /Permission denied|Too many authentication failures/.test(stderr) ? "not admitted" : "not reached";
}

/**
 * DOCKER_HOST of the engine of a host.
 * @param address may be a Terraform expression
 * @param login what it leaves out is ssh's choice
 */
export function engineUrl(
  address: string,
  { user, port }: { readonly user?: string | undefined; readonly port?: number | undefined },
): string {
  return `ssh://${user === undefined ? "" : `${user}@`}${address}${port === undefined ? "" : `:${port}`}`;
}
