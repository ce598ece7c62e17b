/** A limit of memory for one process, as a container has it: a control group where this machine lets us make one. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How a gateway is limited. */
export interface MemoryLimit {
  /** In words, for the report. */
  readonly how: string;
  /** The file in which a process writes its id to be limited; undefined = there is no group, and its peak is watched. */
  readonly procs: string | undefined;
  /** The same of the group that we are in ourselves: the gateway's servers leave the limit through it. */
  readonly outside: string | undefined;
  /** The most memory that was used; undefined = the kernel does not tell. */
  readonly peak: () => number | undefined;
  readonly remove: () => void;
}

interface Version {
  readonly how: string;
  readonly root: string;
  readonly limit: string;
  readonly peak: string;
}

const VERSIONS: readonly Version[] = [
  { how: "cgroup v2", root: "/sys/fs/cgroup", limit: "memory.max", peak: "memory.peak" },
  {
    how: "cgroup v1",
    root: "/sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    peak: "memory.max_usage_in_bytes",
  },
];

/** @param bytes the limit of the group; without one it is only for the report */
export function limitMemory(bytes: number): MemoryLimit {
  for (const version of VERSIONS) {
    const limit = groupIn(version, bytes);
    if (limit) return limit;
  }
  const how = "V8's heap limit, and a look at the resident memory (this user may make no control group)";
  return { how, procs: undefined, outside: undefined, peak: () => undefined, remove: doNothing };
}

const doNothing = (): void => {};

function groupIn({ how, root, limit, peak }: Version, bytes: number): MemoryLimit | undefined {
  const folder = join(root, `gangway-soak-${process.pid}`);
  try {
    mkdirSync(folder);
    if (!existsSync(join(folder, limit))) throw new Error("no such controller");
    writeFileSync(join(folder, limit), String(bytes));
  } catch {
    removeGroup(folder);
    return undefined;
  }
  return {
    how,
    procs: join(folder, "cgroup.procs"),
    outside: join(root, "cgroup.procs"),
    peak: () => (existsSync(join(folder, peak)) ? Number(readFileSync(join(folder, peak), "utf8")) : undefined),
    remove: () => removeGroup(folder),
  };
}

/** A group can be removed once its last process has ended. */
function removeGroup(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // it has never been there
  }
}
