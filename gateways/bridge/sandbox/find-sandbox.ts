/** Which sandbox this machine has for servers: bubblewrap, where the kernel lets it work. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { findCommand } from "./find-command.ts";

/** bubblewrap, which works here. */
export interface Bubblewrap {
  readonly program: string;
}

/** Why there is none. */
export interface NoSandbox {
  /** In words that follow "no sandbox:". */
  readonly reason: string;
  /** What to do about it, in a sentence. */
  readonly remedy: string;
}

/** What is known of this machine. */
export interface Machine {
  readonly platform: string;
  readonly path: string | undefined;
  /** Finds a program on a PATH. @default - as the system does */
  readonly find?: typeof findCommand;
  /** The kernel's setting at a path below /proc/sys; undefined = it has none. */
  readonly setting: (path: string) => string | undefined;
  /** Runs a program in a sandbox. @returns what it wrote when that failed */
  readonly tryIt: (program: string) => string | undefined;
}

/** Flags of every sandbox: processes of its own, without privileges, which end with the gateway. */
export const ISOLATED: readonly string[] = [
  ..."--bind / / --dev /dev --proc /proc --unshare-pid --unshare-ipc --new-session --die-with-parent".split(" "),
  // Root keeps that it may write what is another user's, as in a container.
  ...(process.getuid?.() === 0 ? ["--cap-drop", "ALL", "--cap-add", "CAP_DAC_OVERRIDE"] : []),
];

/** Milliseconds in which a program must have run in it. */
const PATIENCE = 5_000;

/** Made when it is asked for: importing us reads no variable. */
const thisMachine = (): Machine => ({
  platform: process.platform,
  path: process.env["PATH"],
  setting(path) {
    try {
      return readFileSync(`/proc/sys/${path}`, "utf8").trim();
    } catch {
      return undefined;
    }
  },
  tryIt(program) {
    const { status, stderr, error } = spawnSync(program, [...ISOLATED, "--", program, "--version"], {
      encoding: "utf8",
      timeout: PATIENCE,
      stdio: ["ignore", "ignore", "pipe"],
    });
    return status === 0 ? undefined : (error?.message ?? stderr);
  },
});

let found: Bubblewrap | NoSandbox | undefined;

/** Looks once, by really starting a program in it: 10 ms. */
export const findSandbox = (): Bubblewrap | NoSandbox => (found ??= sandboxOf(thisMachine()));

/** The sandbox of a machine. */
export function sandboxOf({ platform, path, find = findCommand, setting, tryIt }: Machine): Bubblewrap | NoSandbox {
  if (platform !== "linux")
    return { reason: onlyLinux(platform), remedy: "Containers separate servers: npx gangway deploy local." };
  const program = find("bwrap", { cwd: "/", path });
  if (typeof program !== "string")
    return {
      reason: "bubblewrap is not installed",
      remedy: "Install it: apt install bubblewrap (dnf, pacman, apk: the same name).",
    };
  // Something may be mounted or unmounted just then: a sandbox that can be made is made at the second or third try.
  const problem = tryIt(program) && tryIt(program) && tryIt(program);
  return problem === undefined ? { program } : forbidden(problem, setting);
}

const onlyLinux = (platform: string) =>
  platform === "darwin"
    ? "macOS has none that is kept up (sandbox-exec is deprecated)"
    : `there is none for ${platform === "win32" ? "Windows" : platform}`;

/** The kernel forbids it, for one of these reasons. */
function forbidden(problem: string, setting: Machine["setting"]): NoSandbox {
  if (setting("kernel/apparmor_restrict_unprivileged_userns") === "1")
    return {
      reason: "Ubuntu's AppArmor does not let bubblewrap make user namespaces",
      remedy: 'Give it the profile in gateways/PROTOCOL.md, "The sandbox".',
    };
  if (setting("kernel/unprivileged_userns_clone") === "0")
    return {
      reason: "the kernel lets nobody but root make user namespaces",
      remedy: "Allow it: sysctl kernel.unprivileged_userns_clone=1.",
    };
  if (setting("user/max_user_namespaces") === "0")
    return {
      reason: "the kernel allows no user namespaces",
      remedy: "Allow some: sysctl user.max_user_namespaces=10000.",
    };
  const [line = ""] = problem.trim().split("\n");
  return {
    reason: `bubblewrap does not work here (${line.slice(0, LONGEST)})`,
    remedy: "That is normal in a container, which itself separates its servers from the machine.",
  };
}

/** Characters of bubblewrap's own words that are repeated. */
const LONGEST = 120;
