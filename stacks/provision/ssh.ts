/** How a host is reached over SSH: one set of options for Terraform's Docker provider and for our own programs. */

/** Terraform and its programs run in cdktf.out/stacks/<stack>. */
const GANGWAY = "../../../.gangway";

/**
 * Options of the ssh command. A host is taken at its word the first time, and must be the same ever after; all connections
 * share one, because sshd refuses the eleventh that comes at once.
 * @param keyFile the private key @default - the agent's keys, or ssh's own choice
 */
export function sshOptions(keyFile?: string): string[] {
  const options = {
    BatchMode: "yes",
    ConnectTimeout: "10",
    ServerAliveInterval: "15",
    StrictHostKeyChecking: "accept-new",
    UserKnownHostsFile: `${GANGWAY}/known_hosts`,
    ControlMaster: "auto",
    ControlPath: `${GANGWAY}/ssh-%C`,
    ControlPersist: "60",
  };
  const words = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  return keyFile === undefined ? words : [...words, "-i", keyFile, "-o", "IdentitiesOnly=yes"];
}

/**
 * A command line on the host that DOCKER_HOST names.
 * @param host `ssh://user@name:port`
 */
export function onHost(host: string, words: readonly string[], keyFile?: string): string[] {
  const { username, hostname, port } = new URL(host);
  const target = username === "" ? hostname : `${username}@${hostname}`;
  const at = port === "" ? [] : ["-p", port];
  return ["ssh", ...sshOptions(keyFile), ...at, target, "--", words.map(quoted).join(" ")];
}

/** A word that the other side's shell takes as it is. */
const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
