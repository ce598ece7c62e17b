/** Commands on the droplet. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** What a command on the host has printed, and how it ended; ssh's own failures have exit code 255. */
export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command on the host, as root. */
export type Host = (command: string) => Promise<Answer>;

/**
 * The host that is reached with these options.
 * @param timeout ms after which a command is given up
 */
export function hostOver(options: readonly string[], address: string, cwd: string, timeout: number): Host {
  return async (command) => {
    const stdio = ["ignore", "pipe", "pipe"] as const;
    const child = spawn("ssh", [...options, `root@${address}`, command], { cwd, stdio: [...stdio], timeout });
    const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("exit", resolve));
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code, stdout: stdout.trim(), stderr: stderr.trim() };
  };
}
