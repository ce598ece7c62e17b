/** Runs commands on a host. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** The output and exit code of a command on the host. Exit code 255 means that ssh itself failed. */
export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command on the host, as whoever logs in. */
export type Host = (command: string) => Promise<Answer>;

/**
 * A host that ssh reaches with these options.
 * @param destination as in "root@192.0.2.1"
 * @param cwd where ssh runs
 * @param timeout ms after which a command is killed
 */
export function hostOver(options: readonly string[], destination: string, cwd: string, timeout: number): Host {
  return async (command) => {
    const stdio = ["ignore", "pipe", "pipe"] as const;
    const child = spawn("ssh", [...options, destination, command], { cwd, stdio: [...stdio], timeout });
    const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("exit", resolve));
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code, stdout: stdout.trim(), stderr: stderr.trim() };
  };
}
