/** How everything of ours logs in on the droplet. */

export interface SshSettings {
  /** The folder `.gangway`, as seen from where ssh runs. Kept relative: the path of a control socket may not be long. */
  readonly folder: string;
  /** @default 22 */
  readonly port?: number;
  /**
   * The private key's file: SSH_PRIVATE_KEY_FILE.
   * @default - those of the agent, and ssh's own
   */
  readonly keyFile?: string | undefined;
}

/**
 * Options of the ssh command, each word an item of its own. Nobody is asked for anything; the host's key is learned at the
 * first contact, in a file of ours, and held to from then on.
 */
export function sshOptions({ folder, port = 22, keyFile }: SshSettings): string[] {
  const options = {
    BatchMode: "yes",
    ConnectTimeout: "10",
    ServerAliveInterval: "15",
    ServerAliveCountMax: "4",
    StrictHostKeyChecking: "accept-new",
    UserKnownHostsFile: `${folder}/known_hosts`,
    // One connection for all: sshd drops some of many that come at once.
    ControlMaster: "auto",
    ControlPath: `${folder}/ssh-%C`,
    ControlPersist: "60",
  };
  const words = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const key = keyFile === undefined ? [] : ["-o", "IdentitiesOnly=yes", "-i", keyFile];
  return [...words, "-p", String(port), ...key];
}

/**
 * A command line that runs on a host what it would run here.
 * @param host `ssh://user@name:port`, as in DOCKER_HOST
 */
export function onHost(host: string, words: readonly string[], settings: Omit<SshSettings, "port">): string[] {
  const { username, hostname, port } = new URL(host);
  const options = sshOptions({ ...settings, port: Number(port || 22) });
  return ["ssh", ...options, username === "" ? hostname : `${username}@${hostname}`, "--", words.map(quoted).join(" ")];
}

/** A word that the other side's shell takes as it is. */
const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/** What went wrong when ssh itself failed (exit code 255), by what it wrote. */
export type SshFailure = "host key changed" | "not admitted" | "not reached";

/** Reads ssh's own words. */
export function sshFailure(stderr: string): SshFailure {
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/.test(stderr)) return "host key changed";
  return /Permission denied|Too many authentication failures/.test(stderr) ? "not admitted" : "not reached";
}
