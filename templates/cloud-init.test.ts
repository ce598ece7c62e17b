import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { render } from "./render.ts";

const device = "/dev/disk/by-id/scsi-0DO_Volume_gangway-example-org";
const userData = render("cloud-init/user-data.yaml", { sshPort: 2222, device });

/** The content that cloud-init writes to a file on the droplet. */
function fileOf(path: string): string {
  const [, block = ""] = userData.split(`- path: ${path}\n`);
  const [, indented = ""] = /content: \|\n((?: {6}.*\n)+)/.exec(block) ?? [];
  return indented.replaceAll(/^ {6}/gm, "");
}

/** Writes a text to a temporary file, for programs that read files. */
function written(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "gangway-cloud-init-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "file"), text);
  return join(folder, "file");
}

const has = (program: string) => spawnSync("test", ["-x", program]).status === 0;

/** sshd does not even check its settings without this folder, and only root can make it. */
const PRIVILEGE_SEPARATION = "/run/sshd";
const canRunSshd = has("/usr/sbin/sshd") && (existsSync(PRIVILEGE_SEPARATION) || process.getuid?.() === 0);

test("it is a cloud-config: the first line says so, and there are no tabs", () => {
  expect(userData).toMatch(/^#cloud-config\n/);
  expect(userData).not.toContain("\t");
});

test("Docker builds without the containerd store, and bounds its logs", () => {
  expect(JSON.parse(fileOf("/etc/docker/daemon.json"))).toMatchObject({
    features: { "containerd-snapshotter": false },
    "log-opts": { "max-size": "10m" },
  });
});

test("Docker does not start without the volumes, which are mounted before Docker is installed", () => {
  expect(fileOf("/etc/systemd/system/docker.service.d/volumes.conf")).toContain(
    "RequiresMountsFor=/var/lib/docker/volumes",
  );
  expect(fileOf("/etc/fstab").split("\n")).toMatchObject([
    expect.stringMatching(new RegExp(`^${device} /srv/gangway ext4 .*nofail.* 0 2$`)),
    expect.stringMatching(/^\/srv\/gangway\/volumes \/var\/lib\/docker\/volumes none bind,nofail,.* 0 0$/),
    "",
  ]);
  const steps = userData.split("runcmd:")[1] ?? "";
  expect(steps.indexOf("mount /var/lib/docker/volumes")).toBeLessThan(steps.indexOf("docker.io"));
});

test("the last step installs Docker, so a Docker that answers means that every step before it worked", () => {
  const steps = (userData.split("runcmd:\n")[1] ?? "").split(/^ {2}- /m);
  expect(steps[1]).toBe("set -e\n");
  expect(steps.findIndex((step) => step.includes("docker.io"))).toBe(steps.length - 1);
});

describe("the programs that read it", () => {
  test.skipIf(!has("/usr/bin/cloud-init"))("cloud-init calls it valid", () => {
    const { status, stdout, stderr } = spawnSync("cloud-init", ["schema", "--config-file", written(userData)]);
    expect([status, String(stdout) + String(stderr)]).toEqual([0, expect.stringContaining("Valid")]);
  });

  test.skipIf(!canRunSshd)("sshd accepts its settings", () => {
    mkdirSync(PRIVILEGE_SEPARATION, { recursive: true });
    const file = written(fileOf("/etc/ssh/sshd_config.d/00-gangway.conf"));
    const key = `${file}-key`;
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    const { stdout } = spawnSync("/usr/sbin/sshd", ["-T", "-h", key, "-f", file], { encoding: "utf8" });
    for (const line of [
      "port 2222",
      "passwordauthentication no",
      "permitrootlogin without-password",
      "maxsessions 100",
    ])
      expect(stdout.split("\n")).toContain(line);
  });
});
