import { expect, test } from "vitest";
import { type Facts, readFacts } from "./facts.ts";
import { refusals } from "./refusal.ts";

/** A Debian 12 without Docker, where root logs in, as it says so itself. */
const debian = [
  "system=debian",
  "version=12",
  "name=Debian GNU/Linux 12 (bookworm)",
  "hasSystemd=yes",
  "user=root",
  "isRoot=yes",
  "isAdmin=yes",
  "architecture=amd64",
  "docker=",
].join("\n");

const facts = (changed: Partial<Facts> = {}): Facts => ({ ...readFacts(debian), ...changed });
const engine = (dockerVersion: string, changed: Partial<Facts> = {}) =>
  facts({ docker: "/usr/bin/docker", dockerVersion, store: "overlay2 [[Backing Filesystem extfs]]", ...changed });

const ubuntu = (version: string) => facts({ system: "ubuntu", version, name: `Ubuntu ${version} LTS` });

test.each<[what: string, facts: Facts]>([
  ["Debian 12 without Docker", facts()],
  ["Debian 11", facts({ version: "11" })],
  ["Debian 13 on ARM", facts({ version: "13", architecture: "arm64" })],
  ["Ubuntu 20.04", ubuntu("20.04")],
  ["Ubuntu 24.04", ubuntu("24.04")],
  ["Ubuntu 26.04", ubuntu("26.04")],
  ["a user with sudo", facts({ user: "ubuntu", isRoot: false })],
  ["Debian's Docker", engine("Docker version 20.10.24+dfsg1, build 297e128")],
  ["Docker's own", engine("Docker version 29.1.3, build f52814d")],
  ["an engine that is stopped", engine("Docker version 28.5.1, build e180ab8", { store: "" })],
  ["a web server, behind a tunnel", facts({ web: ["80 nginx"] })],
])("%s is a machine that we work on", (_what, machine) => {
  expect(refusals(machine, { direct: false })).toEqual([]);
});

test.each<[what: string, facts: Facts, because: string]>([
  [
    "Alpine",
    readFacts("system=alpine\nversion=3.22.1\nname=Alpine Linux v3.22\nisRoot=yes\nuser=root"),
    "it is Alpine Linux v3.22, expected Debian 11",
  ],
  ["a system without a name", readFacts("system=\nname=FreeBSD 14.3"), "it is FreeBSD 14.3"],
  ["Fedora", facts({ system: "fedora", version: "43", name: "Fedora Linux 43" }), "it is Fedora Linux 43"],
  ["Debian 10", facts({ version: "10", name: "Debian GNU/Linux 10 (buster)" }), "too old or not released"],
  ["Debian unstable", facts({ version: "", name: "Debian GNU/Linux forky/sid" }), "too old or not released"],
  ["Ubuntu 18.04", ubuntu("18.04"), "it is Ubuntu 18.04 LTS, which is too old"],
  ["a container", facts({ hasSystemd: false }), "systemd does not run there"],
  ["a user without sudo", facts({ user: "ada", isRoot: false, isAdmin: false }), "ada ALL=(ALL) NOPASSWD: ALL"],
  ["an old processor", facts({ architecture: "armhf" }), "its processor is armhf, expected amd64 or arm64"],
  ["Podman that plays Docker", engine("podman version 4.3.1"), "apt-get remove podman-docker"],
  ["Podman by a link", engine("", { docker: "/usr/bin/podman" }), "apt-get remove podman-docker"],
  [
    "a snap",
    engine("Docker version 28.1.1, build 0d23d2d", { docker: "/snap/docker/3265/bin/docker" }),
    "snap remove docker",
  ],
  ["a snap by its launcher", engine("Docker version 28.1.1", { docker: "/usr/bin/snap" }), "snap remove docker"],
  ["an old engine", engine("Docker version 19.03.15, build 99e3ed8"), "expected Docker 20.10 or newer"],
  ["something that is called docker", engine(""), "a Docker without a version"],
  [
    "the containerd store",
    engine("Docker version 29.1.3", { store: "overlayfs [[driver-type io.containerd.snapshotter.v1]]" }),
    '"containerd-snapshotter": false',
  ],
  ["packages in the way", facts({ inTheWay: ["containerd.io"] }), "apt would remove containerd.io"],
  [
    "a proxy of docker compose",
    engine("Docker version 28.5.1", { taken: ["nginx-proxy"] }),
    "a container called nginx-proxy is there",
  ],
])("%s is refused, with what was expected", (_what, machine, because) => {
  expect(refusals(machine, { direct: false }).join("\n")).toContain(because);
});

test("in direct mode a port of the web that somebody has is refused, with who has it", () => {
  expect(refusals(facts({ web: ["80 nginx", "443 nginx"] }), { direct: true })).toEqual([
    "port 80 belongs to nginx there, expected it free with EXPOSURE=direct: stop nginx, or use EXPOSURE=tunnel",
    expect.stringContaining("port 443 belongs to nginx"),
  ]);
});

test("everything that is wrong is said at once", () => {
  expect(refusals(facts({ hasSystemd: false, inTheWay: ["one", "two"] }), { direct: false })).toHaveLength(3);
});
