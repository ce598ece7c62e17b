/** Docker from the distribution, on a new droplet and on a machine that exists. */
import { fileStep, quoted, type Step, writeFile } from "./step.ts";

/** apparmor: without it, Docker starts no container where the kernel has AppArmor. */
const PACKAGES = ["apparmor", "ca-certificates", "docker.io"] as const;

const DAEMON_FILE = "/etc/docker/daemon.json";

/**
 * The provider cannot build images with the containerd store. live-restore keeps containers running while Docker is upgraded
 * (Swarm does not support it).
 */
const DAEMON = `${JSON.stringify(
  {
    features: { "containerd-snapshotter": false },
    "live-restore": true,
    "log-driver": "json-file",
    "log-opts": { "max-size": "10m", "max-file": "3" },
  },
  undefined,
  2,
)}\n`;

/** How Docker is set up on a machine that has only what we put there. */
export const daemonOfDroplet: Step = fileStep("set up Docker", DAEMON_FILE, DAEMON);

/** The same, unless the machine has Docker or settings for it: a Docker that runs is its owner's, with all that runs in it. */
export const daemonOfMachine: Step = {
  what: `set up Docker before it is installed (${DAEMON_FILE})`,
  check: `command -v dockerd >/dev/null || [ -e ${DAEMON_FILE} ]`,
  make: writeFile(DAEMON_FILE, DAEMON),
};

/** Nothing is removed for it, no file of a package that somebody has changed is replaced, and no other service is restarted. */
const INSTALL =
  "install -y --no-install-recommends --no-remove -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold";

/**
 * Docker, and these packages beside it. apt's locks may be taken, or a mirror may be down: it is tried for some minutes.
 * @param besides other packages to install with it
 */
export function installDocker(besides: readonly string[] = []): Step {
  const packages = [...PACKAGES, ...besides].toSorted().join(" ");
  return {
    what: "install Docker",
    check: [
      "command -v dockerd >/dev/null && command -v docker >/dev/null",
      ...besides.map((name) => `dpkg -s ${name} >/dev/null 2>&1`),
    ].join(" && "),
    details: `${simulated(packages)} | sed -n 's/^Inst \\([^ ]*\\) .*(\\([^ )]*\\).*/\\1 \\2/p'`,
    make: [
      "export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1",
      "for pause in 15 15 30 60 120 0; do",
      "  apt-get update || true # a list of somebody else may be broken, and not matter",
      `  apt-get ${INSTALL} ${packages} && break`,
      "  [ $pause != 0 ]",
      "  sleep $pause",
      "done",
    ].join("\n"),
    remedy: "run `apt-get install docker.io` there, and mend what it complains about",
  };
}

/** sh that prints the packages that apt would remove. */
export const packagesInTheWay = `${simulated(PACKAGES.join(" "))} | sed -n 's/^Remv \\([^ ]*\\).*/\\1/p'`;

function simulated(packages: string): string {
  return `LC_ALL=C apt-get -s -q --no-install-recommends install ${packages} 2>/dev/null`;
}

/** The services come back after a reboot only with it. */
export const runDocker: Step = {
  what: "start Docker, now and at every boot",
  check: "systemctl is-enabled -q docker.service && docker info >/dev/null 2>&1",
  make: [
    "systemctl enable --now docker.service",
    "for second in 1 2 3 4 5 6 7 8 9 10; do docker info >/dev/null 2>&1 && break; sleep $second; done",
    "docker info >/dev/null",
  ].join("\n"),
  remedy: "look at `journalctl -u docker` there",
};

/** Whoever may use Docker can become root, which this user can already. */
export const admitToDocker = (user: string): Step => ({
  what: `let ${user} use Docker (group docker)`,
  check: `id -nG ${quoted(user)} | tr ' ' '\\n' | grep -qx docker`,
  make: `usermod -aG docker ${quoted(user)}`,
});
