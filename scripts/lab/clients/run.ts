/** Runs a command to its end, with nothing left of it afterwards. */
import { randomUUID } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { kill, withVariable } from "../../kit/processes.ts";

/** What became of a command. */
export interface Ended {
  /** Its exit code; undefined when it was killed because its time was up. */
  readonly code: number | undefined;
  /** What it has printed on both. */
  readonly output: string;
}

/** How it is run. */
export interface RunOptions {
  readonly cwd: string;
  /** Beside PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds. @default 120000 */
  readonly patience?: number;
}

/** Tells the processes of one command from all others, however they detach themselves. */
const MARK = "GANGWAY_LAB_RUN";

/** Runs it with an environment of its own. Never rejects for what the command does. */
export async function runCommand(
  [program = "", ...args]: readonly string[],
  { cwd, env, patience = 120_000 }: RunOptions,
): Promise<Ended> {
  const mark = randomUUID();
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env["PATH"], ...env, [MARK]: mark },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (more: string) => (output += more));
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    if (child.pid !== undefined) kill(-child.pid);
  }, patience);
  const code = await once(child, "exit").then(
    ([exit]) => exit as number | null,
    (error: Error) => ((output += error.message), 127),
  );
  clearTimeout(late);
  for (const pid of withVariable(MARK, mark)) kill(pid);
  return { code: isLate ? undefined : (code ?? 128), output };
}
