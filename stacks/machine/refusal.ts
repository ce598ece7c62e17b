/** Machines that we do not work on. Each is refused before anything on it is changed. */
import type { Facts } from "./facts.ts";

/** The oldest release of each system whose packages have an engine that will do. */
const OLDEST: Readonly<Record<string, number>> = { debian: 11, ubuntu: 20.04 };

/** Node's images exist for others too, but not all that a catalog may name. */
const ARCHITECTURES = ["amd64", "arm64"];

/** The oldest engine that the Docker provider and our images work with. */
const ENGINE = 20;

/** Why we do not work on a machine, a line each, with what to do. None: we do. @param direct whether 80 and 443 are to be ours */
export function refusals(facts: Facts, { direct }: { readonly direct: boolean }): string[] {
  const system = systemProblem(facts);
  if (system !== undefined) return [system]; // whatever else it says is of another world
  if (!facts.isAdmin) return [adminProblem(facts)];
  return [...machineProblems(facts), ...engineProblems(facts), ...(direct ? facts.web.map(portProblem) : [])];
}

function systemProblem({ system, version, name }: Facts): string | undefined {
  const oldest = OLDEST[system];
  if (oldest === undefined) return `it is ${name}, expected ${SYSTEMS}`;
  return Number(version) >= oldest ? undefined : `it is ${name}, which is too old or not released, expected ${SYSTEMS}`;
}

const SYSTEMS = "Debian 11 or Ubuntu 20.04, or newer";

const adminProblem = ({ user }: Facts) =>
  `${user} is not root and cannot use sudo without a password: expected SERVER=root@<host>, or in /etc/sudoers.d there: ${user} ALL=(ALL) NOPASSWD: ALL`;

function machineProblems({ hasSystemd, architecture, inTheWay, taken }: Facts): string[] {
  return [
    ...(hasSystemd
      ? []
      : [
          "systemd does not run there, so nothing would start Docker after a reboot: expected a machine, not a container",
        ]),
    ...(ARCHITECTURES.includes(architecture)
      ? []
      : [`its processor is ${architecture}, expected ${ARCHITECTURES.join(" or ")}`]),
    ...inTheWay.map(
      (name) => `to install Docker, apt would remove ${name}: remove it yourself if nothing there needs it`,
    ),
    ...taken.map(
      (name) =>
        `a container called ${name} is there, made by docker compose, and ours needs that name: move its services here and remove it`,
    ),
  ];
}

function engineProblems({ docker, dockerVersion, store }: Facts): string[] {
  if (docker === "") return [];
  if (/podman/i.test(docker + dockerVersion))
    return ["the command docker is Podman there, expected Docker: apt-get remove podman-docker"];
  if (docker.startsWith("/snap/") || docker === "/usr/bin/snap")
    return [
      "its Docker is a snap, which sees only part of the machine, expected the package docker.io or docker-ce: snap remove docker",
    ];
  const major = Number(/(\d+)\./.exec(dockerVersion)?.[1]);
  if (!(major >= ENGINE))
    return [
      `it has ${dockerVersion === "" ? "a Docker without a version" : dockerVersion}, expected Docker ${ENGINE}.10 or newer: upgrade it`,
    ];
  if (store.includes("io.containerd.snapshotter"))
    return [
      'its Docker keeps images in containerd\'s store, where Terraform cannot build: set "features": { "containerd-snapshotter": false } in /etc/docker/daemon.json ' +
        "and restart Docker (images and containers that are there are no longer seen until it is set back)",
    ];
  return [];
}

function portProblem(web: string): string {
  const [port, program] = web.split(" ");
  return `port ${port} belongs to ${program} there, expected it free with EXPOSURE=direct: stop ${program}, or use EXPOSURE=tunnel`;
}
