import { expect, test } from "vitest";
import { type FirstBoot, waitForFirstBoot } from "./first-boot.ts";
import type { Answer } from "./host.ts";

const answer = (code: number | null, stdout = "", stderr = ""): Answer => ({ code, stdout, stderr });
const refused = answer(255, "", "ssh: connect to host 192.0.2.1 port 22: Connection refused");
const denied = answer(255, "", "root@192.0.2.1: Permission denied (publickey).");

/** A droplet that gives these answers to each kind of command, and then repeats the last one. */
function boot(
  answers: Readonly<Record<"true" | "cat" | "tail" | "docker", Answer[]>>,
  limits: Partial<FirstBoot> = {},
) {
  const said: string[] = [];
  const host = async (command: string) => {
    const left = answers[command.split(" ")[0] as keyof typeof answers];
    return (left.length > 1 ? left.shift() : left[0]) ?? refused;
  };
  const say = (line: string) => void said.push(line);
  return { said, done: waitForFirstBoot({ host, address: "192.0.2.1", say, interval: 1, ...limits }) };
}

/** The result that cloud-init writes when it has finished. */
const over = (...errors: readonly string[]) => answer(0, JSON.stringify({ v1: { datasource: "ConfigDrive", errors } }));

const tail = [answer(0, "E: Unable to locate package docker.io")];
const up = { true: [answer(0)], cat: [over()], tail, docker: [answer(0, "20.10.24")] };

test("the wait ends when SSH lets us in, cloud-init has finished and Docker answers, and reports its progress", async () => {
  const docker = [answer(1, "", "Is the docker daemon running?"), answer(0, "20.10.24")];
  const cat = [answer(1, "Reading database ... 5%\rUnpacking docker.io ..."), over()];
  const { said, done } = boot({ ...up, true: [refused, denied, answer(0)], cat, docker });
  await done;
  expect(said).toEqual([
    "waiting for 192.0.2.1 to let us in over SSH",
    "  not yet: ssh: connect to host 192.0.2.1 port 22: Connection refused",
    "  not yet: root@192.0.2.1: Permission denied (publickey).",
    "first boot: waiting for cloud-init",
    "  not yet: Unpacking docker.io ...",
    "first boot is over: waiting for Docker",
    "  not yet: Is the docker daemon running?",
    "Docker 20.10.24 answers",
  ]);
});

test("a connection that breaks while cloud-init runs, as when sshd restarts, is retried", async () => {
  await boot({ ...up, cat: [refused, answer(null), over()] }).done;
});

test("a cloud-init error that did not affect Docker is reported, but does not fail the boot", async () => {
  const { said, done } = boot({ ...up, cat: [over("('locale', ProcessExecutionError())")] });
  await done;
  expect(said.at(-2)).toBe(
    "cloud-init reported errors that did not affect Docker: ('locale', ProcessExecutionError())",
  );
});

test("a failed boot ends the wait, with cloud-init's errors and the end of its log", async () => {
  const docker = [answer(127, "", "docker: not found")];
  const { done } = boot({ ...up, cat: [over("('scripts-user', RuntimeError())")], docker });
  await expect(done).rejects.toThrow(
    /cloud-init says:\n\('scripts-user'.*\n.*\nE: Unable to locate package docker.io\n/,
  );
});

test("a droplet without Docker when cloud-init has finished, as after a reboot, ends the wait at once", async () => {
  const { done } = boot({ ...up, docker: [answer(127, "", "docker: not found")] });
  await expect(done).rejects.toThrow("no error at this boot");
});

test("a connection that breaks during the check of Docker does not fail the boot", async () => {
  const docker = [refused, answer(null), answer(0, "20.10.24")];
  await boot({ ...up, cat: [over("an error")], docker }).done;
});

test("a key that is refused for longer than a boot takes ends the wait, with what to do", async () => {
  const { done } = boot({ ...up, true: [denied] }, { loginTimeout: 20 });
  await expect(done).rejects.toThrow("SSH_PRIVATE_KEY_FILE");
});

test("a changed host key ends the wait at once", async () => {
  const changed = answer(
    255,
    "",
    "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
  );
  const { done, said } = boot({ ...up, true: [changed] });
  await expect(done).rejects.toThrow("ssh-keygen -R 192.0.2.1 -f .gangway/known_hosts");
  expect(said).toHaveLength(1);
});

test("an unreachable droplet ends the wait at the timeout", async () => {
  const { done } = boot({ ...up, true: [refused] }, { timeout: 30 });
  await expect(done).rejects.toThrow("192.0.2.1 was not ready in time");
});
