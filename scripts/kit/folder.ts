/** Where `npm start` keeps things: all of it under .gangway, which may be deleted while nothing runs. */
import { join, relative } from "node:path";

/** The project's folder: the one with package.json. */
export const project = join(import.meta.dirname, "..", "..");

const gangway = join(project, ".gangway");

/** Each place by its name. */
export const folder = {
  /** One folder for each installed npm server. */
  servers: join(gangway, "servers"),
  /** One folder for each volume. Delete it, and the services forget. */
  data: join(gangway, "data"),
  /** One working folder for each service: servers read `.env` from theirs, and must not find the project's. */
  work: join(gangway, "work"),
  config: join(gangway, "gateway.json"),
  log: join(gangway, "gateway.log"),
  /** Who runs here, while somebody does. */
  running: join(gangway, "running.json"),
  /** The committed lockfiles of the npm servers. */
  locks: join(project, "stacks", "locks"),
} as const;

/** A path as a reader in the project's folder would type it. */
export const shown = (path: string): string => relative(project, path);
