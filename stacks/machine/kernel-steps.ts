/** What the kernel counts by user. Gateways and servers have the same one, so a server could use it up for all of them. */
import { hasContent, type Step, writeFile } from "./step.ts";

/** Read again at every boot. */
const FILE = "/etc/sysctl.d/60-gangway.conf";

/**
 * More than the memory limit of a container has room for, which then is the limit. With the kernel's own, which are made for a
 * machine with one user, 90 MB of a container on a droplet with 2 GB end every Node.js program of all the others.
 */
const LIMITS = {
  "fs.epoll.max_user_watches": 100_000_000,
  "fs.inotify.max_user_instances": 1_000_000,
  "fs.inotify.max_user_watches": 100_000_000,
};

const SETTINGS = Object.entries(LIMITS)
  .map(([name, value]) => `${name} = ${value}\n`)
  .join("");

/** On a droplet, which is ours alone. */
export const userLimits: Step = {
  what: `let the memory of a container limit what the kernel counts by user (${FILE})`,
  check: hasContent(FILE, SETTINGS),
  make: `${writeFile(FILE, SETTINGS)}\n/sbin/sysctl -q -p ${FILE}`,
};
