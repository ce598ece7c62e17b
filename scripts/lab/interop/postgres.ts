/** A PostgreSQL of Debian and postgres-mcp of PyPI, each on a port of its own, for as long as a test lasts. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { project } from "../../../stacks/project.ts";
import { tell } from "../../kit/print.ts";
import { waitUntil } from "../../kit/wait.ts";

/** Where Debian has the newest PostgreSQL that is installed; undefined = none is. */
const bin = newest("/usr/lib/postgresql");

/** Where `.ci/run` installs postgres-mcp. */
const postgresMcp = join(project, ".gangway/postgres-mcp/bin/postgres-mcp");

/** Whether both are there; without them the tests are skipped. */
export const hasPostgres = bin !== undefined && existsSync(postgresMcp);
if (!hasPostgres) {
  const missing = bin === undefined ? "PostgreSQL of Debian" : "postgres-mcp in .gangway/postgres-mcp";
  tell(`postgres: skipped, there is no ${missing}; .ci/run shows how to install it`);
}

/** PostgreSQL refuses to run as root: then it runs as nobody, as Debian numbers it. */
const owner = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A program that has been started, and ends with `stop`. */
export interface Program {
  /** Resolves when it has ended. */
  stop(): Promise<void>;
}

/** Makes a database and starts it. Everybody on this machine may do everything in it. It is gone when it is stopped. */
export async function startPostgres(port: number): Promise<Program> {
  const data = mkdtempSync("/var/tmp/gangway-postgres-"); // the tests' own folders are closed to nobody
  if (owner.uid !== undefined) chownSync(data, owner.uid, owner.gid);
  const options = { ...owner, cwd: "/", stdio: "ignore" } as const;
  execFileSync(join(bin!, "initdb"), ["-D", data, "--auth=trust", "--username=postgres", "--no-sync"], options);
  const own = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"].flatMap((one) => ["-c", one]);
  const args = ["-D", data, "-p", String(port), ...own];
  const running = await started(spawn(join(bin!, "postgres"), args, { ...options, detached: true }), port);
  return { stop: () => running.stop().finally(() => rmSync(data, { recursive: true, force: true })) };
}

/** Runs statements as the database's superuser. */
export function runSql(port: number, ...statements: string[]): string {
  const commands = statements.flatMap((statement) => ["-c", statement]);
  const args = ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres", "-X", "-t", "-A", ...commands];
  return execFileSync(join(bin!, "psql"), args, { encoding: "utf8" }).trim();
}

/** Starts postgres-mcp as the documents say. @param database its DATABASE_URI */
export function startPostgresMcp(database: string, port: number): Promise<Program> {
  const args = ["--access-mode=restricted", "--transport=sse", "--sse-host=127.0.0.1", `--sse-port=${port}`];
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], DATABASE_URI: database };
  return started(spawn(postgresMcp, args, { env, stdio: "ignore", detached: true }), port);
}

/** Resolves when it listens. @throws when it ends before */
async function started(child: ChildProcess, port: number): Promise<Program> {
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()).once("error", () => resolve()));
  const runs = () => child.exitCode === null && child.signalCode === null && child.pid !== undefined;
  const stop = async () => {
    if (runs()) child.kill("SIGQUIT"); // for PostgreSQL the immediate shutdown; Python has no handler for it
    await ended;
  };
  const listens = await waitUntil(async () => !runs() || (await answers(port)), 100_000);
  if (!listens || !runs()) {
    await stop();
    throw new Error(`${child.spawnfile} does not listen on port ${port}`);
  }
  return { stop };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

function newest(folder: string): string | undefined {
  const versions = existsSync(folder) ? readdirSync(folder).filter((name) => /^\d+$/.test(name)) : [];
  const [version] = versions.toSorted((one, other) => Number(other) - Number(one));
  const path = version === undefined ? undefined : join(folder, version, "bin");
  return path !== undefined && existsSync(join(path, "initdb")) ? path : undefined;
}
