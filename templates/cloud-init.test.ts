import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { render } from "./render.ts";

const device = "/dev/disk/by-id/scsi-0DO_Volume_gangway-example-org";
const userData = render("cloud-init/user-data.yaml", { sshPort: 2222, device });

/** What is written to a file on the droplet. */
function fileOf(path: string): string {
  const [, block = ""] = userData.split(`- path: ${path}\n`);
  const [, indented = ""] = /content: \|\n((?: {6}.*\n)+)/.exec(block) ?? [];
  return indented.replaceAll(/^ {6}/gm, "");
}

/** The user data in a file, for those who read files. */
function written(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "gangway-cloud-init-")), "file");
  writeFileSync(file, text);
  return file;
}

const has = (program: string) => spawnSync("test", ["-x", program]).status === 0;

test("it is a cloud-config: the first line says so, and no tab is in it", () => {
  expect(userData).toMatch(/^#cloud-config\n/);
  expect(userData).not.toContain("\t");
});

test("Docker is told to build without the containerd store, and to bound its logs", () => {
  expect(JSON.parse(fileOf("/etc/docker/daemon.json"))).toMatchObject({
    features: { "containerd-snapshotter": false },
    "log-opts": { "max-size": "10m" },
  });
});

test("Docker does not start without the volumes, and they are mounted before it is installed", () => {
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

test("Docker is installed by the last step: where it answers, the steps before it went well", () => {
  const steps = (userData.split("runcmd:\n")[1] ?? "").split(/^ {2}- /m);
  expect(steps[1]).toBe("set -e\n");
  expect(steps.findIndex((step) => step.includes("docker.io"))).toBe(steps.length - 1);
});

describe("its readers", () => {
  test.skipIf(!has("/usr/bin/cloud-init"))("cloud-init finds it valid", () => {
    const { status, stdout, stderr } = spawnSync("cloud-init", ["schema", "--config-file", written(userData)]);
    expect([status, String(stdout) + String(stderr)]).toEqual([0, expect.stringContaining("Valid")]);
  });

  test.skipIf(!has("/usr/sbin/sshd"))("sshd takes its settings", ({ skip }) => {
    const file = written(fileOf("/etc/ssh/sshd_config.d/00-gangway.conf"));
    const key = `${file}-key`;
    if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true }); // sshd wants it even for a test of its settings
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    const { stdout, stderr } = spawnSync("/usr/sbin/sshd", ["-T", "-h", key, "-f", file], { encoding: "utf8" });
    if (stderr.includes("Missing privilege separation directory"))
      skip("sshd has never run here, and only root can help");
    for (const line of [
      "port 2222",
      "passwordauthentication no",
      "permitrootlogin without-password",
      "maxsessions 100",
    ])
      expect(stdout.split("\n")).toContain(line);
  });
});
