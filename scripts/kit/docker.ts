/** Docker's command line. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Milliseconds that an engine has to answer. */
export const ANSWER_TIME = 5_000;

/** Runs a docker command. @returns its standard output @throws Error with its standard error */
export async function docker(words: readonly string[], timeout = 0): Promise<string> {
  const { stdout } = await promisify(execFile)("docker", words, { timeout, windowsHide: true });
  return stdout;
}

/** How much of a log is looked at. */
const LONGEST_LOG = 64 * 1024 * 1024;

/** What a container has written to both of its outputs, as far as the engine keeps it. */
export async function logsOf(container: string): Promise<string> {
  const words = ["logs", container];
  const { stdout, stderr } = await promisify(execFile)("docker", words, { maxBuffer: LONGEST_LOG, windowsHide: true });
  return `${stdout}\n${stderr}`;
}

/** Whether the engine has an image. */
export const hasImage = (image: string): Promise<boolean> =>
  docker(["image", "inspect", "--format", "{{.Id}}", image]).then(
    () => true,
    () => false,
  );
