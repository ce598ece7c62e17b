/** The folders of the project. Everything under .gangway may be deleted while nothing runs. */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { place } from "../../stacks/project.ts";

const { gangway } = place;

/** Each place by its name. */
export const folder = {
  /** One folder for each installed npm server. */
  servers: join(gangway, "servers"),
  /** One folder for each volume. Delete it, and the services forget. */
  data: join(gangway, "data"),
  /** One working folder for each service: a server that reads `.env` from its own must not find the project's. */
  work: join(gangway, "work"),
  config: join(gangway, "gateway.json"),
  log: join(gangway, "gateway.log"),
  /** What the authorization server keeps: users, clients, grants. Delete it, and everybody is unknown. */
  auth: join(gangway, "auth"),
  /** The services that it knows, written at each start. */
  resources: join(gangway, "auth", "resources.json"),
  /** Who runs here, while `npm start` does. */
  running: join(gangway, "running.json"),
  locks: place.locks,
} as const;

/** Makes `.gangway`, or closes one that is there: logs, data and Terraform's state in it are for this user alone. */
export function closeFolder(path: string = gangway): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700); // whatever the umask, and where an older version has made it
}

export { shown } from "../../stacks/project.ts";

/** A folder for temporary files. */
export interface ScratchFolder {
  readonly path: string;
  readonly remove: () => void;
}

/** Makes one; its path has no links in it, because some servers follow none. */
export function scratchFolder(purpose: string): ScratchFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), `gangway-${purpose}-`)));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
