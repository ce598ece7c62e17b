import { expect, test } from "vitest";
import { onHost, sshFailure, sshOptions } from "./ssh.ts";

test("nobody is asked, the host's key is learned in a file of ours, and one connection is shared", () => {
  const options = sshOptions({ folder: ".gangway" });
  for (const option of [
    "BatchMode=yes",
    "StrictHostKeyChecking=accept-new",
    "UserKnownHostsFile=.gangway/known_hosts",
    "ControlMaster=auto",
    "ControlPath=.gangway/ssh-%C",
  ])
    expect(options).toContain(option);
  expect(options.slice(-2)).toEqual(["-p", "22"]);
});

test("a key that was named is the only one that is tried", () => {
  const options = sshOptions({ folder: ".gangway", port: 2222, keyFile: "/keys/deploy key" });
  expect(options.slice(-6)).toEqual(["-p", "2222", "-o", "IdentitiesOnly=yes", "-i", "/keys/deploy key"]);
});

test.each([
  ["host key changed", "Host key verification failed."],
  ["not admitted", "root@192.0.2.1: Permission denied (publickey)."],
  ["not reached", "ssh: connect to host 192.0.2.1 port 22: Connection timed out"],
])("%s is read out of ssh's words", (failure, stderr) => {
  expect(sshFailure(stderr)).toBe(failure);
});

test("a command goes to a host word by word, whatever is in a word", () => {
  const line = onHost("ssh://root@192.0.2.1:2222", ["sh", "-c", "echo it's $HOME"], { folder: ".gangway" });
  expect(line[0]).toBe("ssh");
  expect(line.slice(-5)).toEqual(["-p", "2222", "root@192.0.2.1", "--", `'sh' '-c' 'echo it'\\''s $HOME'`]);
});
