import { expect, test } from "vitest";
import { packageRunners } from "./parent.ts";

/** The ancestors of a gateway, the nearest first, by their command lines. */
const line = (...commands: string[]) => commands.map((command, at) => ({ pid: 10 - at, parent: 9 - at, command }));

test.each([
  [line("npm exec gangway --stdio x", "-bash"), [10]],
  [line("sh -c gangway --stdio x", "npm exec gangway --stdio x"), [10, 9]],
  [line("sh -c -- gangway --stdio x", "npm run gateway"), [10, 9]],
  [line("/bin/bash -c gangway", "node /usr/bin/npx-cli.js gangway"), [10, 9]],
  [line("node /usr/lib/node_modules/npm/bin/npm-cli.js exec gangway"), [10]],
  [line("/usr/local/bin/node /opt/pnpm/bin/pnpm.cjs exec gangway"), [10]],
  [line("bun run gangway", "-zsh"), [10]],
])("%j: the gateway ends with them", (ancestors, pids) => {
  expect(packageRunners(ancestors)).toEqual(pids);
});

test.each([
  ["a terminal", line("-bash", "/usr/bin/login")],
  ["a script", line("sh -c gangway --stdio x", "cron")],
  ["a shell in which npm was the last command", line("bash", "npm exec")],
  ["systemd, a container, and whoever is left behind by nohup or setsid", line("/sbin/init")],
  ["a container without an init", []],
  ["pm2", line("PM2 v6.0.13: God Daemon (/root/.pm2)", "/sbin/init")],
  ["a test runner that npm has started", line("node (vitest 1)", "npm test")],
  ["a program whose folder is called npm", line("/home/npm/supervise gangway", "/sbin/init")],
  ["an editor", line("/usr/share/code/code --type=utility", "-bash")],
])("what %s has started may outlive it", (_, ancestors) => {
  expect(packageRunners(ancestors)).toEqual([]);
});
