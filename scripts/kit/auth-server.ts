/** The authorization server of this project on this machine: its folder, its environment, and its program. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { authCache, authPackage, findAuthServer, installAuth, oldestForLogins } from "../../stacks/auth-package.ts";
import { folder } from "./folder.ts";
import { install } from "./install.ts";
import type { RunNpm } from "./npm.ts";
import type { Progress } from "./progress.ts";

/** Its issuer here: the URL that clients are sent to. */
export const issuerHere = (port: number): string => `http://127.0.0.1:${port}`;

/** What the program is told of this project's settings. */
export interface AuthSettings {
  readonly authPort: number;
  readonly value: (name: "STATE_URL" | "STATE_PREFIX" | "STATE_PASSWORD") => string | undefined;
}

/** What the program reads (auth-server/config.ts): the server, and the commands beside it. */
export function authVariables(settings: AuthSettings): Readonly<Record<string, string>> {
  return {
    ISSUER: issuerHere(settings.authPort),
    HOST: "127.0.0.1",
    PORT: String(settings.authPort),
    DATA_DIR: folder.auth,
    RESOURCES_FILE: folder.resources,
    ...stateOf(settings),
  };
}

/** The Redis that everything is kept in, if there is one. Its password is a file: whoever sees a process may see its environment. */
function stateOf(settings: AuthSettings): Record<string, string> {
  const [url, prefix, password] = (["STATE_URL", "STATE_PREFIX", "STATE_PASSWORD"] as const).map((name) =>
    settings.value(name),
  );
  return {
    ...(url !== undefined && { STATE_URL: url }),
    ...(prefix !== undefined && { STATE_PREFIX: prefix }),
    ...(password !== undefined && { STATE_PASSWORD_FILE: writeSecret("state-password", password) }),
  };
}

/** Writes a secret for it into its folder: for this user alone, whoever could read an older one. @returns the file */
export function writeSecret(name: string, secret: string): string {
  mkdirSync(folder.auth, { recursive: true, mode: 0o700 });
  const file = join(folder.auth, name);
  writePrivate(file, secret);
  return file;
}

/** Writes a file for this user alone. */
export function writePrivate(file: string, text: string): void {
  rmSync(file, { force: true });
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
}

/** What installs it, where it is not installed yet. */
export interface Installer {
  readonly npm: () => RunNpm;
  readonly during: Progress;
}

/**
 * The path of its program. Outside of a checkout it is a package of its own, which is installed when it is needed first.
 * @throws Error for a Node that cannot run it, or when npm cannot be reached
 */
export async function readyAuthServer({ npm, during }: Installer): Promise<string> {
  needNode(process.versions.node);
  const found = findAuthServer();
  if (found !== undefined) return found;
  mkdirSync(authCache.servers, { recursive: true });
  try {
    const installing = () => install(authPackage.spec, npm, authCache);
    return (await during(`installing ${authPackage.spec} from npm, for logins`, installing)).bin;
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new Error(
      `${authPackage.spec}, which logins need, cannot be installed: ${reason}. To try by hand:\n  ${installAuth}`,
      {
        cause,
      },
    );
  }
}

/** @throws Error that says which Node can */
export function needNode(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldest, oldestMinor] = oldestForLogins;
  if (major > oldest || (major === oldest && minor >= oldestMinor)) return;
  throw new Error(
    `logins need Node ${oldestForLogins.join(".")} or newer for the authorization server; this is Node ${version}. Start with a newer one, or leave oauth out of AUTH and of the entries`,
  );
}
