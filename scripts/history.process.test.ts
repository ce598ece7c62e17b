/** `gangway history` and `gangway unlock` as a person types them, with a `docker` that stands for an engine. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { answer, type Kept, nothing } from "./history/fixtures/fake-engine.ts";
import type { HostEngine } from "./history/host.ts";
import { type Holder, LONGEST, takeLock } from "./history/lock.ts";
import { keepRecord, readHistory } from "./history/records.ts";
import { scratchFolder } from "./kit/folder.ts";

const on = { stack: "local", deployment: "local-01234567", who: "ada@example.org", from: "laptop" } as const;
const theirs: Holder = { ...on, action: "deploy", machine: "laptop", pid: 4711 };

let folder: string;
const file = () => join(folder, "engine.json");

/** The same engine, in this process. */
const engine: HostEngine = async (words, input) => {
  const kept = JSON.parse(readFileSync(file(), "utf8")) as Kept;
  const said = answer(kept, words, input);
  writeFileSync(file(), JSON.stringify(kept));
  return said;
};

const isLocked = () => "gangway-lock" in (JSON.parse(readFileSync(file(), "utf8")) as Kept).containers;
const lock = () => takeLock(engine, theirs, () => Promise.resolve());

beforeEach(() => {
  const scratch = scratchFolder("docker");
  onTestFinished(scratch.remove);
  folder = scratch.path;
  writeFileSync(file(), JSON.stringify(nothing()));
  const program = join(import.meta.dirname, "history/fixtures/docker-program.ts");
  writeFileSync(join(folder, "docker"), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, { mode: 0o755 });
});

function gangway(...words: readonly string[]) {
  const { PATH, ...env } = process.env;
  const own = { PATH: `${folder}${delimiter}${PATH}`, FAKE_DOCKER: file(), NO_COLOR: "1", DOCKER_HOST: "" };
  const program = join(import.meta.dirname, "gangway.ts");
  return spawnSync(process.execPath, [program, ...words], { env: { ...env, ...own }, encoding: "utf8" });
}

describe("unlock", () => {
  test("leaves a lock that somebody may need, unless it is forced; both are in the history", async () => {
    expect(gangway("unlock")).toMatchObject({ status: 0, stdout: "  there is no lock\n" });
    await lock();
    const refused = gangway("unlock");
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/ada@example\.org has been deploying local from laptop since .*pass --force/);
    expect(isLocked()).toBe(true);
    const { status, stdout } = gangway("unlock", "--force", "--json");
    expect([status, JSON.parse(stdout)]).toMatchObject([0, { removed: { who: "ada@example.org", pid: 4711 } }]);
    expect(isLocked()).toBe(false);
    expect(await readHistory(engine)).toMatchObject([
      { action: "unlock", result: "ok" },
      { action: "deploy", result: "killed", who: "ada@example.org" },
    ]);
  });

  test("takes away one that is hours old without a question", async () => {
    await lock();
    const kept = JSON.parse(readFileSync(file(), "utf8")) as Kept;
    writeFileSync(file(), JSON.stringify({ ...kept, ahead: LONGEST * 3_600_000 }));
    expect(gangway("unlock")).toMatchObject({ status: 0 });
    expect(isLocked()).toBe(false);
  });
});

describe("history", () => {
  test("shows the newest first, why what failed failed, and who is at work", async () => {
    expect(gangway("history")).toMatchObject({ status: 0, stdout: "  nothing has been deployed there yet\n" });
    const services = { memory: { gateway: "0123456789abcdef", server: "fedcba9876543210" }, docs: null };
    await keepRecord(engine, { ...on, action: "deploy", result: "ok", services, commit: "0123456789ab+", seconds: 21 });
    const changes = { create: 1, update: 0, replace: 0, destroy: 1 };
    const reason = "not every service serves";
    await keepRecord(engine, { ...on, action: "deploy", result: "failed", services: {}, changes, reason });
    await lock();
    const { status, stdout } = gangway("history");
    expect(status).toBe(0);
    expect(stdout).toMatch(/deploy +local +failed +ada@example\.org +2 resources\n +not every service serves\n/);
    expect(stdout).toMatch(/deploy +local +ok 21 s +ada@example\.org +0123456\+ +memory fedcba98, -docs\n/);
    expect(stdout.indexOf("failed")).toBeLessThan(stdout.indexOf("ok 21 s"));
    expect(stdout).toContain("ada@example.org has been deploying local from laptop since");
    const json = JSON.parse(gangway("history", "--json", "--limit", "1").stdout) as unknown;
    expect(json).toMatchObject({ lock: { who: "ada@example.org" }, records: [{ result: "failed", changes }] });
  });

  test("fails where the engine does not answer, and for a limit that is no number", () => {
    writeFileSync(file(), "");
    expect(gangway("history").status).toBe(1);
    expect(gangway("history", "--limit", "many").status).toBe(2);
  });
});
