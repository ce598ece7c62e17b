/** Who does something to a host, from where, and from which commit. */
import { readlinkSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { project } from "../../stacks/project.ts";
import { readSettings, type Settings } from "../../stacks/settings.ts";
import { run } from "../kit/run.ts";

/** Whoever is at work. */
export interface Actor {
  readonly who: string;
  /** The machine's name, or the URL of the run in CI. */
  readonly from: string;
  /** Tells this machine from others: only on the same one does a pid mean anything. */
  readonly machine: string;
  readonly pid: number;
  readonly commit?: string;
}

/** This process. */
export async function thisActor(settings: Settings = readSettings([])): Promise<Actor> {
  const commit = await commitHere();
  return {
    who: settings.value("GITHUB_ACTOR") ?? ((await git("config", "user.email")) || userInfo().username),
    from: runUrl(settings) ?? hostname(),
    machine: thisMachine(),
    pid: process.pid,
    ...(commit !== undefined && { commit }),
  };
}

/** A container has its own processes, and often the name of another one. */
export function thisMachine(): string {
  try {
    return `${hostname()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname(); // not Linux
  }
}

function runUrl(settings: Settings): string | undefined {
  const [server, repository, id] = ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"].map((name) =>
    settings.value(name),
  );
  return id === undefined ? undefined : `${server}/${repository}/actions/runs/${id}`;
}

async function commitHere(): Promise<string | undefined> {
  const commit = await git("rev-parse", "--short=12", "HEAD");
  if (commit === "") return undefined;
  return (await git("status", "--porcelain", "--untracked-files=no")) === "" ? commit : `${commit}+`;
}

/** @returns "" without git, or outside of a repository */
const git = async (...words: readonly string[]): Promise<string> =>
  (await run(["git", ...words], { cwd: project })).stdout.trim();
