/** The front door as a person types it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { verbs } from "./verbs.ts";

function gangway(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, "gangway.ts"), ...words], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const widest = (text: string) => Math.max(...text.split("\n").map((line) => line.length));

describe.each(Object.keys(verbs))("gangway %s", (name) => {
  test("says how it is used, with every flag that it takes", async () => {
    const { usage, flags = {} } = await verbs[name]!.load();
    expect(usage).toMatch(new RegExp(`^npx gangway ${name}\\b`));
    for (const flag of [...Object.keys(flags), "help"]) expect(usage).toContain(`--${flag}`);
    expect(widest(usage)).toBeLessThanOrEqual(140);
  });

  test("refuses a flag that it does not have, with exit code 2 and where to look", () => {
    const { status, stdout, stderr } = gangway(name, "--jsonn-nonsense");
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`gangway ${name}: --jsonn-nonsense is not a flag. There are: --`);
    expect(stderr).toContain(`See: npx gangway ${name} --help`);
  });
});

test.each([[], ["--help"], ["-h"], ["help"], ["help", "help"]])(
  "%j prints everything there is on one screen",
  (...words) => {
    const { status, stdout } = gangway(...words);
    expect(status).toBe(0);
    expect(stdout.trimEnd().split("\n").length).toBeLessThanOrEqual(24);
    expect(widest(stdout)).toBeLessThanOrEqual(80);
    for (const name of Object.keys(verbs)) expect(stdout).toContain(`  ${name} `);
  },
);

test("help of a verb is that verb's --help, and help gateway lists its flags", () => {
  expect(gangway("help", "plan").stdout).toBe(gangway("plan", "--help").stdout);
  expect(gangway("help", "gateway").stdout).toContain("--idle-ttl");
});

test.each([
  [["strat"], 'gangway: "strat" is not a verb. Did you mean "start"?'],
  [["nonsense"], 'gangway: "nonsense" is not a verb. There are: init, start'],
  [["help", "strat"], 'Did you mean "start"?'],
  [["npx", "-y", "some-server"], "put its command after --: npx gangway-mcp -- npx -y some-server"],
  [["./server.py"], "put its command after --: npx gangway-mcp -- ./server.py"],
  [
    ["users"],
    "expected one of list, add, reset, remove, disable, enable, as in: npx gangway users add you@example.org",
  ],
  [["users", "ad", "x"], 'there is no "users ad"'],
  [["users", "add"], "add: expected one name, got 0"],
  [["users", "list", "x"], "list: got x, expected no name"],
  [
    ["users", "list", "--environment", "locl"],
    "--environment is locl, expected one of local, local-docker, production, did you mean local?",
  ],
  [["auth", "session"], 'there is no "auth session". Did you mean sessions?'],
  [["auth", "revoke"], "revoke: expected one name, got 0"],
  [["auth", "clients", "--user", "ada"], "--user goes with sessions or revoke"],
  [["auth", "sessions", "--client", "x"], "--client goes with revoke"],
  [["start", "memry"], 'no service is called "memry". Did you mean "memory"?'],
  [["start", "memory,everythin"], 'no service is called "everythin". Did you mean "everything"?'],
  [["plan"], "expected a stack, as in: npx gangway plan local"],
  [["deploy", "locl"], 'no stack is called "locl". Did you mean "local"?'],
  [["rollback"], "which service? As in: npx gangway rollback memory"],
  [["completion", "tcsh"], "got tcsh, expected one of bash, zsh, fish"],
  [["__proto__"], 'gangway: "__proto__" is not a verb. There are: init, start'],
  [["help", "constructor"], 'gangway: "constructor" is not a verb. There are: init, start'],
  [["start", ""], 'gangway start: got "", expected a name'],
  [["init", ""], 'gangway init: got "", expected a name'],
  [["verify", "--url", "http://a", "--url", "http://b"], "--url: got http://a and http://b, expected one of them"],
  [["logs", "--lines", "few"], "--lines: got few, expected a number"],
  [["logs", "--since", "noon"], "--since: got noon, expected 15m, 2h, 3d or a time as in 2026-11-30T08:00"],
  [["logs", "--grep", "("], "--grep: Invalid regular expression"],
  [["status", "--env", "prod"], "--env: got prod, expected one of local, local-docker, production"],
  [["shell"], "which service? As in: npx gangway shell memory"],
  [["shell", "--env", "local", "memory"], "runs as you do, in .gangway/work/memory: cd there"],
  [["restart", "memory", "coda"], "which service? As in: npx gangway restart memory"],
  [["restart", "--env", "local", "memory"], "to restart all, Ctrl-C and npx gangway start"],
  [["releases"], "which service? As in: npx gangway releases memory"],
  [["maintenance", "of"], "got of, expected on or off"],
  [["maintenance", "off", "--message", "x"], "--message goes with on"],
  [["maintenance", "on", "--env", "local"], "npx gangway start has no proxy to answer for it"],
])("%j is a mistake in the command line", (words, message) => {
  const { status, stdout, stderr } = gangway(...words);
  expect([status, stdout]).toEqual([2, expect.not.stringContaining("starting memry,")]);
  expect(stderr).toContain(message);
});

test.each([["--help"], ["init"], ["--stdio", "cat"]])("%j in a folder that is gone is told in one line", (...words) => {
  const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"';
  const command = ["-c", script, "sh", process.execPath, join(import.meta.dirname, "gangway.ts"), ...words];
  const { status, stderr } = spawnSync("sh", command, { encoding: "utf8", cwd: mkdtempSync(join(tmpdir(), "gone-")) });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: "gangway: the current folder has been removed: change to another one\n",
  });
});
