/** Applies the part of stack edge that prepares a machine, with Terraform, on a real sshd whose sh plays the machine. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type App, TerraformOutput, TerraformStack } from "cdktf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OwnMachine } from "./constructs/own-machine.ts";
import { missingSshServer, type SshServer, startSshServer } from "./fixtures/ssh-server.ts";
import { flat, missingParts, Workspace } from "./fixtures/terraform.ts";

const missing = missingParts([], ["ssh"]) ?? missingSshServer();
if (missing !== undefined) console.log(`a machine that exists is not prepared: ${missing}`);

/** A Debian without Docker. What would change it leaves a mark in its folder, and nothing else. */
const sh = String.raw`
folder=$(dirname "$0"); script=$2
mark() { [ ! -e "$folder/broken" ] || { echo "E: no space left"; exit 100; }; echo "$1" >> "$folder/done"; exit 0; }
made() { grep -qs "$1" "$folder/done"; exit; }
case "$script" in
  "sh -c "*) exec /bin/sh -c "PATH=$folder:\$PATH; $script";;
  *os-release*) printf 'system=debian\nversion=12\nname=Debian 12\nhasSystemd=%s\nuser=root\nisRoot=yes\nisAdmin=yes\narchitecture=amd64\n' "$(cat "$folder/systemd" 2>/dev/null || echo yes)";;
  *"apt-get install"*|*"for pause"*) mark docker;;
  *"systemctl enable"*) mark running;;
  *"/usr/sbin/sshd -t"*) mark sshd;;
  *"daemon.json.new"*) mark daemon;;
  *"is-enabled"*) made running;;
  *maxsessions*) made sshd;;
  *"daemon.json ]"*) made daemon;;
  *"command -v dockerd"*) made docker;;
  *) exec /bin/sh -c "$script";;
esac`;

describe.skipIf(missing !== undefined)("a machine that exists", () => {
  let ssh: SshServer;
  let workspace: Workspace;
  let folder: string;

  beforeAll(async () => {
    ssh = await startSshServer({ sh, docker: "echo 20.10.24" });
    folder = join(ssh.keyFile, "..");
    const key = readFileSync(join(folder, "host.pub"), "utf8").trim();
    workspace = new Workspace("machine", { SSH_PRIVATE_KEY_FILE: ssh.keyFile, SERVER_HOST_KEY: key });
    workspace.synth((app: App) => {
      const stack = new TerraformStack(app, "machine");
      const machine = { user: "root", host: "127.0.0.1", port: ssh.port };
      new TerraformOutput(stack, "host", { value: new OwnMachine(stack, "own", { machine, direct: false }).address });
      return stack;
    });
    await workspace.terraform(["init"]);
  });

  afterAll(() => {
    ssh?.remove();
    workspace?.remove();
  });

  const done = () =>
    existsSync(join(folder, "done")) ? readFileSync(join(folder, "done"), "utf8").trim().split("\n") : [];
  const apply = (...more: string[]) => workspace.terraform(["apply", "-auto-approve", ...more]);

  test("that is none that we work on is refused before anything is changed", async () => {
    writeFileSync(join(folder, "systemd"), "no");
    const run = await apply();
    expect(run.code).toBe(1);
    expect(flat(run)).toContain("systemd does not run there");
    expect(done()).toEqual([]);
    writeFileSync(join(folder, "systemd"), "yes");
  });

  test("on which a step fails fails the apply, with what it printed", async () => {
    writeFileSync(join(folder, "broken"), "");
    const run = await apply();
    expect(run.code).toBe(1);
    expect(flat(run)).toContain("E: no space left");
    rmSync(join(folder, "broken"));
  });

  test("is prepared, which ends when its Docker answers", async () => {
    const run = await apply("-replace=terraform_data.machine");
    expect(run.code, run.output).toBe(0);
    expect(done()).toEqual(["sshd", "daemon", "docker", "running"]);
    expect(run.output).toContain("Docker 20.10.24 answers");
    expect(run.output).toMatch(/^host = "127\.0\.0\.1"$/m);
    expect((await workspace.terraform(["plan", "-detailed-exitcode"])).code).toBe(0);
  });

  test("is prepared again without harm, and only as far as something is missing", async () => {
    writeFileSync(join(folder, "done"), "sshd\ndaemon\ndocker\n");
    const run = await apply("-replace=terraform_data.machine");
    expect(run.output).toContain("1 added, 0 changed, 1 destroyed");
    expect(run.output).not.toContain("is left as it is");
    expect(done()).toEqual(["sshd", "daemon", "docker", "running"]);
  });

  test("is left alone by a destroy, which says so", async () => {
    const before = done();
    const run = await workspace.terraform(["destroy", "-auto-approve"]);
    expect(flat(run)).toContain(`root@127.0.0.1:${ssh.port} is left as it is`);
    expect(done()).toEqual(before);
  });
});
