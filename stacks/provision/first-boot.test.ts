import { expect, test } from "vitest";
import { type FirstBoot, waitForFirstBoot } from "./first-boot.ts";
import type { Answer } from "./host.ts";

const answer = (code: number | null, stdout = "", stderr = ""): Answer => ({ code, stdout, stderr });
const refused = answer(255, "", "ssh: connect to host 192.0.2.1 port 22: Connection refused");
const denied = answer(255, "", "root@192.0.2.1: Permission denied (publickey).");

/** A droplet that answers each kind of command with these, the last one for ever. */
function boot(answers: Readonly<Record<"true" | "cloud-init" | "docker", Answer[]>>, limits: Partial<FirstBoot> = {}) {
  const said: string[] = [];
  const host = async (command: string) => {
    const left = answers[command.split(" ")[0] as keyof typeof answers];
    return (left.length > 1 ? left.shift() : left[0]) ?? refused;
  };
  const say = (line: string) => void said.push(line);
  return { said, done: waitForFirstBoot({ host, address: "192.0.2.1", say, interval: 1, ...limits }) };
}

const up = { true: [answer(0)], "cloud-init": [answer(0, "status: done")], docker: [answer(0, "20.10.24")] };

test("it is over when SSH lets us in, cloud-init is done and Docker answers", async () => {
  const docker = [answer(127, "", "docker: not found"), answer(0, "20.10.24")];
  const { said, done } = boot({ ...up, true: [refused, denied, answer(0)], docker });
  await done;
  expect(said).toEqual([
    "waiting for 192.0.2.1 to let us in over SSH",
    "  not yet: ssh: connect to host 192.0.2.1 port 22: Connection refused",
    "  not yet: root@192.0.2.1: Permission denied (publickey).",
    "first boot: waiting for cloud-init",
    "first boot is over: waiting for Docker",
    "  not yet: docker: not found",
    "Docker 20.10.24 answers",
  ]);
});

test("a connection that breaks while cloud-init runs, as when sshd restarts, is made again", async () => {
  await boot({ ...up, "cloud-init": [refused, answer(null), answer(0, "status: done")] }).done;
});

test("what cloud-init got over is no failure", async () => {
  await boot({ ...up, "cloud-init": [answer(2, "status: done")] }).done;
});

test("a boot that failed ends the wait with cloud-init's words", async () => {
  const { done } = boot({ ...up, "cloud-init": [answer(1, "status: error\ndetail: runcmd")] });
  await expect(done).rejects.toThrow("cloud-init says\nstatus: error\ndetail: runcmd");
});

test("a key that is refused for longer than a boot takes ends it with what to do", async () => {
  const { done } = boot({ ...up, true: [denied] }, { patience: 20 });
  await expect(done).rejects.toThrow("SSH_PRIVATE_KEY_FILE");
});

test("another host key ends it at once", async () => {
  const changed = answer(
    255,
    "",
    "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
  );
  const { done, said } = boot({ ...up, true: [changed] });
  await expect(done).rejects.toThrow("ssh-keygen -R 192.0.2.1 -f .gangway/known_hosts");
  expect(said).toHaveLength(1);
});

test("a droplet that nobody reaches ends it in time", async () => {
  const { done } = boot({ ...up, true: [refused] }, { timeout: 30 });
  await expect(done).rejects.toThrow("192.0.2.1 was not ready in time");
});
