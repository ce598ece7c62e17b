import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { FACTS, readFacts } from "./facts.ts";

test("lines are read by their names, in any order, with what else is printed between them", () => {
  const facts = readFacts("Welcome!\ntaken=nginx-proxy\nversion=12\nname=A=B\ntaken=cloudflared\nweb=80 nginx\n");
  expect(facts).toMatchObject({ version: "12", name: "A=B", taken: ["nginx-proxy", "cloudflared"], web: ["80 nginx"] });
  expect(facts).toMatchObject({ system: "", isRoot: false, hasSystemd: false, docker: "", inTheWay: [] });
});

test.skipIf(!existsSync("/etc/os-release"))("a real system answers, and says which one it is", () => {
  const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", FACTS], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  const { system, user, architecture, hasSystemd } = readFacts(stdout);
  expect([system, user, architecture]).not.toContain("");
  expect(hasSystemd).toBe(existsSync("/run/systemd/system"));
});
