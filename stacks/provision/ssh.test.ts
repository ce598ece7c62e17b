import { expect, test } from "vitest";
import { onHost, sshFailure, sshOptions } from "./ssh.ts";

test("ssh never prompts, learns the host's key in our own file and shares one connection", () => {
  const options = sshOptions({ folder: ".gangway" });
  for (const option of [
    "BatchMode=yes",
    "StrictHostKeyChecking=accept-new",
    "UserKnownHostsFile=.gangway/known_hosts",
    "ControlMaster=auto",
    "ControlPath=.gangway/ssh-%C",
  ])
    expect(options).toContain(option);
});

test("without a port, ssh's own config decides", () => {
  expect(sshOptions({ folder: ".gangway" })).not.toContain("-p");
  expect(sshOptions({ folder: ".gangway", port: 22 }).slice(-2)).toEqual(["-p", "22"]);
});

test("a machine that exists is never learned by the way", () => {
  expect(sshOptions({ folder: ".gangway", isKnown: true })).toContain("StrictHostKeyChecking=yes");
});

test("a named key is the only one that ssh tries", () => {
  const options = sshOptions({ folder: ".gangway", port: 2222, keyFile: "/keys/deploy key" });
  expect(options.slice(-6)).toEqual(["-p", "2222", "-o", "IdentitiesOnly=yes", "-i", "/keys/deploy key"]);
});

test.each([
  ["host key changed", "Host key verification failed."],
  ["not admitted", "root@192.0.2.1: Permission denied (publickey)."],
  ["not reached", "ssh: connect to host 192.0.2.1 port 22: Connection timed out"],
])("%s is read from ssh's output", (failure, stderr) => {
  expect(sshFailure(stderr)).toBe(failure);
});

test("a command reaches a host word by word, whatever a word contains", () => {
  const line = onHost("ssh://root@192.0.2.1:2222", ["sh", "-c", "echo it's $HOME"], { folder: ".gangway" });
  expect(line[0]).toBe("ssh");
  expect(line.slice(-5)).toEqual(["-p", "2222", "root@192.0.2.1", "--", `'sh' '-c' 'echo it'\\''s $HOME'`]);
});

test.each([
  ["ssh://box", ["box"]],
  ["ssh://ubuntu@box", ["ubuntu@box"]],
  ["ssh://root@[2001:db8::1]:22", ["-p", "22", "root@2001:db8::1"]],
])("%s is reached as ssh wants it", (host, words) => {
  const line = onHost(host, ["true"], { folder: ".gangway" });
  expect(line.slice(-2 - words.length)).toEqual([...words, "--", "'true'"]);
  expect(line.includes("-p")).toBe(words.includes("-p"));
});
