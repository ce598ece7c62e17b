/** The verbs `users` and `auth` where the authorization server is a container: what reaches it, and how that comes back. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { project } from "../stacks/project.ts";

let bin: string;
beforeEach(() => void (bin = mkdtempSync(join(tmpdir(), "gangway-bin-"))));

/** A program of the test in place of the machine's. */
function place(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

/** Docker with one authorization server: it says what it is told, and what comes on stdin. */
const DOCKER = `case $1 in
  ps) echo "$CONTAINER" ;;
  exec) shift; echo "words: $*"; echo "stdin: $(cat)"; exit 7 ;;
esac`;

function gangway(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { HOME, TMPDIR, PATH } = process.env;
  const all = { HOME, TMPDIR, PATH: [bin, PATH].join(delimiter), CONTAINER: "auth-mcp-1a2b", ...env };
  const command = [join(project, "scripts/gangway.ts"), ...words];
  const options = { env: all, input: "s3cret\n", encoding: "utf8", cwd: project } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, command, options);
  return { status, stdout, stderr };
}

const ADD = ["users", "add", "ada@example.org", "--team", "ops,dev", "--totp", "--environment"];
const TOLD = "node /auth-server/main.js users add ada@example.org --team ops --team dev --totp";

describe("on this machine's Docker", () => {
  beforeEach(() => place("docker", DOCKER));

  test("the command reaches the container with its arguments and stdin, and its exit code is ours", () => {
    expect(gangway([...ADD, "local-docker"])).toEqual({
      status: 7,
      stderr: "",
      stdout: `words: --interactive auth-mcp-1a2b ${TOLD}\nstdin: s3cret\n`,
    });
  });

  test.each([
    [["--user", "ada", "--json"], "--user=ada --json"],
    [["Q9yVAY5FVt0YEQC-v0DdPEokosSJ2lWh6_4qcz_BLP"], "-- Q9yVAY5FVt0YEQC-v0DdPEokosSJ2lWh6_4qcz_BLP"],
    [["-U9yVAY5FVt0YEQC-v0DdPEokosSJ2lWh6_4qcz_BLP"], "-- -U9yVAY5FVt0YEQC-v0DdPEokosSJ2lWh6_4qcz_BLP"],
    [["--client", "-w_5wXQ-sD3Ja8QYK_-hTo"], "--client=-w_5wXQ-sD3Ja8QYK_-hTo"],
  ])("so does that of auth: revoke %j", (words, told) => {
    const { stdout } = gangway(["auth", "revoke", ...words, "--environment", "local-docker"]);
    expect(stdout).toContain(`auth-mcp-1a2b node /auth-server/main.js revoke ${told}\n`);
  });

  test("where none runs, it is said how one comes to run", () => {
    const { status, stderr } = gangway([...ADD, "local-docker"], { CONTAINER: "" });
    expect(stderr).toMatch(/no authorization server runs in this machine's Docker: .*npx gangway deploy local/);
    expect(status).toBe(1);
  });
});

describe("on the droplet", () => {
  const host = { DOMAIN: "example.org", DOCKER_HOST: "ssh://root@203.0.113.7:2222" };

  test("it goes through ssh, as other commands of a deployment do, and what is secret goes by stdin", () => {
    place("docker", DOCKER);
    place("ssh", 'echo "to: $(echo "$*" | grep -o "root@203.0.113.7")" >&2; for last; do :; done; exec sh -c "$last"');
    const { status, stdout, stderr } = gangway([...ADD, "production"], host);
    expect(stdout).toBe(`words: --interactive auth-mcp-1a2b ${TOLD}\nstdin: s3cret\n`);
    expect(stderr).toBe("to: root@203.0.113.7\n");
    expect(status).toBe(7);
  });

  test("without its address it is said where that belongs", () => {
    const { status, stderr } = gangway([...ADD, "production"], { DOMAIN: "example.org" });
    expect(stderr).toContain("npx gangway deploy edge, or set DOCKER_HOST=ssh://root@<droplet>");
    expect(status).toBe(1);
  });
});
