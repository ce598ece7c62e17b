import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { dropletSteps, machineSteps } from "./first-boot.ts";
import { fileStep, scriptOf, type Step } from "./step.ts";
import { userData } from "./user-data.ts";

const device = "/dev/disk/by-id/scsi-0DO_Volume_gangway-example-org";
const droplet = dropletSteps({ sshPort: 2222, device });
const machine = machineSteps("ubuntu");

/** What a step writes into a file. */
const contentOf = (step: Step | undefined) => /printf %s '([^']*)'/.exec(step?.make ?? "")?.[1] ?? "";
const stepFor = (steps: readonly Step[], path: string) => steps.find(({ make }) => make.includes(path));

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "gangway-first-boot-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const has = (program: string) => spawnSync("test", ["-x", program]).status === 0;

describe("the first boot of a droplet", () => {
  const data = userData(droplet);
  const config = parse(data) as { readonly ssh_pwauth: boolean; readonly runcmd: readonly string[] };

  test("is a cloud-config with every step in its order, and ends at the first one that fails", () => {
    expect(data).toMatch(/^#cloud-config\n/);
    expect(config).toMatchObject({ ssh_pwauth: false });
    expect(config.runcmd).toEqual(["set -e", ...droplet.map((step) => `${scriptOf(step)}\n`)]);
  });

  test("installs Docker last, after the volumes are mounted, so a Docker that answers means that every step worked", () => {
    const names = droplet.map(({ what }) => what);
    expect(names.at(-1)).toBe("install Docker");
    expect(names).toContain("mount the volume");
    expect(droplet.at(-1)?.make).toContain("docker.io unattended-upgrades");
  });

  test("sets up Docker to build without the containerd store, and to bound its logs", () => {
    expect(JSON.parse(contentOf(stepFor(droplet, "daemon.json")))).toMatchObject({
      features: { "containerd-snapshotter": false },
      "log-opts": { "max-size": "10m" },
    });
  });

  test("leaves what the kernel counts by user to the memory limits of containers", () => {
    const step = stepFor(droplet, "sysctl.d");
    const settings = contentOf(step).trim().split("\n");
    expect(step?.make).toMatch(/sysctl -q -p \S+$/);
    for (const setting of settings) expect(setting).toMatch(/^fs\.(epoll|inotify)\.max_user_\w+ = \d{7,}$/);
  });

  test("keeps Docker's volumes on the block volume", () => {
    expect(contentOf(stepFor(droplet, "/etc/fstab")).split("\n")).toMatchObject([
      expect.stringMatching(new RegExp(`^${device} /srv/gangway ext4 .*nofail.* 0 2$`)),
      expect.stringMatching(/^\/srv\/gangway\/volumes \/var\/lib\/docker\/volumes none bind,nofail,.* 0 0$/),
      "",
    ]);
    expect(contentOf(stepFor(droplet, "volumes.conf"))).toContain("RequiresMountsFor=/var/lib/docker/volumes");
  });

  test.skipIf(!has("/usr/bin/cloud-init"))("cloud-init calls it valid", () => {
    const file = join(scratch(), "user-data");
    writeFileSync(file, data);
    const { status, stdout, stderr } = spawnSync("cloud-init", ["schema", "--config-file", file]);
    expect([status, String(stdout) + String(stderr)]).toEqual([0, expect.stringContaining("Valid")]);
  });
});

describe("a machine that exists", () => {
  const all = machine.map(({ make }) => make).join("\n");

  test("keeps who may log in, its upgrades, its firewall, its disks and its packages", () => {
    for (const others of [
      /PasswordAuthentication|PermitRootLogin|^Port/m,
      /apt\.conf/,
      /ufw|nft|iptables/,
      /fstab|mount/,
    ])
      expect(all).not.toMatch(others);
    expect(all).toContain("--no-remove");
    expect(all).toContain("--force-confold");
    expect(all).not.toMatch(/systemctl (re)?start|systemctl restart/);
  });

  test("keeps a Docker that is there, with its settings", () => {
    const [check = ""] = machine.filter(({ make }) => make.includes("daemon.json")).map((step) => step.check);
    const bin = scratch();
    writeFileSync(join(bin, "dockerd"), "", { mode: 0o755 });
    const { status } = spawnSync("/bin/sh", ["-c", check], { env: { PATH: bin } });
    expect(status).toBe(0);
  });

  test("lets a user who is not root use Docker, and needs nothing for root", () => {
    expect(machine.at(-1)?.make).toBe("usermod -aG docker 'ubuntu'");
    expect(machineSteps(undefined).map(({ what }) => what)).toEqual(machine.slice(0, -1).map(({ what }) => what));
  });
});

test.each([...droplet, ...machine].map((step) => [step.what, step] as const))("%s: it is sh", (_what, step) => {
  const script = [scriptOf(step), step.details ?? ""].join("\n");
  expect(spawnSync("/bin/sh", ["-n"], { input: script, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});

test("a file is written once, whatever was in it, and with its quotes and line breaks", () => {
  const file = join(scratch(), "deep", "file");
  const content = `it's "$HOME"\n\\n\n`;
  const script = `set -e\n${scriptOf(fileStep("write", file, content))}`;
  const run = () => spawnSync("/bin/sh", ["-c", script], { encoding: "utf8" });
  expect(run()).toMatchObject({ status: 0, stderr: "" });
  expect(readFileSync(file, "utf8")).toBe(content);
  const { ino } = statSync(file);
  run();
  expect(statSync(file).ino).toBe(ino);
  writeFileSync(file, "another's");
  run();
  expect(readFileSync(file, "utf8")).toBe(content);
});

test("a step that fails ends the script, although it stands behind a condition", () => {
  const step = { what: "fail", check: "false", make: "false\necho on" };
  const { status, stdout } = spawnSync("/bin/sh", ["-c", `set -e\n${scriptOf(step)}`], { encoding: "utf8" });
  expect([status, stdout]).toEqual([1, ""]);
});

/** sshd does not even check its settings without this folder, and only root can make it. */
const PRIVILEGE_SEPARATION = "/run/sshd";
const canRunSshd = has("/usr/sbin/sshd") && (existsSync(PRIVILEGE_SEPARATION) || process.getuid?.() === 0);

describe.skipIf(!canRunSshd)("sshd accepts its settings", () => {
  const own = ["port 2222", "passwordauthentication no", "permitrootlogin without-password"];
  const many = ["maxsessions 100", "maxstartups 100:30:200"];

  test.each<[whose: string, steps: readonly Step[], settings: readonly string[]]>([
    ["a droplet's", droplet, [...own, ...many]],
    ["a machine's", machine, many],
  ])("%s", (_whose, steps, settings) => {
    mkdirSync(PRIVILEGE_SEPARATION, { recursive: true });
    const file = join(scratch(), "sshd_config");
    writeFileSync(file, contentOf(stepFor(steps, "00-gangway.conf")));
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", `${file}-key`]);
    const { stdout } = spawnSync("/usr/sbin/sshd", ["-T", "-h", `${file}-key`, "-f", file], { encoding: "utf8" });
    for (const line of settings) expect(stdout.split("\n")).toContain(line);
  });
});
