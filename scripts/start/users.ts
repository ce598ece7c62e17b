/** Asks the authorization server's command how many users there are. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** @returns undefined when it does not say */
export async function countUsers(
  main: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number | undefined> {
  const words = ["--disable-warning=ExperimentalWarning", main, "users", "list", "--json"];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, words, { env, timeout: 30_000, windowsHide: true });
    const users: unknown = JSON.parse(stdout);
    return Array.isArray(users) ? users.length : undefined;
  } catch {
    return undefined; // what is wrong with it is in its log
  }
}
