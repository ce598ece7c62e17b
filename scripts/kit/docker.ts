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

/** Whether the engine has an image. */
export const hasImage = (image: string): Promise<boolean> =>
  docker(["image", "inspect", "--format", "{{.Id}}", image]).then(
    () => true,
    () => false,
  );
