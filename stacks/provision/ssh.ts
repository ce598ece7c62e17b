/** How the provider and our programs log in to the droplet. */

export interface SshSettings {
  /** The folder `.gangway`, relative to where ssh runs, because the path of a control socket must be short. */
  readonly folder: string;
  /** @default 22 */
  readonly port?: number;
  /**
   * The private key's file, from SSH_PRIVATE_KEY_FILE.
   * @default - the agent's keys, and ssh's default files
   */
  readonly keyFile?: string | undefined;
  /** Whether what runs there has our terminal. @default false */
  readonly hasTerminal?: boolean;
}

/**
 * The arguments for ssh, one word each. ssh never prompts. It trusts the host's key on first contact, keeps it in our own
 * known_hosts and checks it from then on.
 */
export function sshOptions({ folder, port = 22, keyFile, hasTerminal = false }: SshSettings): string[] {
  const options = {
    BatchMode: "yes",
    ConnectTimeout: "10",
    ServerAliveInterval: "15",
    ServerAliveCountMax: "4",
    StrictHostKeyChecking: "accept-new",
    UserKnownHostsFile: `${folder}/known_hosts`,
    // Share one connection: sshd drops some of many that arrive at once.
    ControlMaster: "auto",
    ControlPath: `${folder}/ssh-%C`,
    ControlPersist: "60",
  };
  const words = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const key = keyFile === undefined ? [] : ["-o", "IdentitiesOnly=yes", "-i", keyFile];
  return [...words, "-p", String(port), ...key, ...(hasTerminal ? ["-t"] : [])];
}

/**
 * Wraps a command line so that it runs on a host.
 * @param host `ssh://user@name:port`, as in DOCKER_HOST
 */
export function onHost(host: string, words: readonly string[], settings: Omit<SshSettings, "port">): string[] {
  const { username, hostname, port } = new URL(host);
  const options = sshOptions({ ...settings, port: Number(port || 22) });
  return ["ssh", ...options, username === "" ? hostname : `${username}@${hostname}`, "--", words.map(quoted).join(" ")];
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
