import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withoutLock, writeMissingLocks } from "./missing-locks.ts";
import type { RunNpm } from "./npm.ts";

const signal = new AbortController().signal;
const npmPackage = (spec: string) => ({ server: { kind: "npm", package: spec } });
const folder = () => mkdtempSync(join(tmpdir(), "gangway-locks-"));

/** An npm that only writes the lockfile, as the real one does with --package-lock-only. */
const npm: RunNpm = async (verb, cwd) => {
  const { dependencies } = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8")) as { dependencies: object };
  if ("broken" in dependencies) throw new Error("npm install failed: no network");
  writeFileSync(join(cwd, "package-lock.json"), JSON.stringify({ verb, dependencies }));
};

test("each package without a lockfile gets one, once, and what has one is left alone", async () => {
  const locks = folder();
  const services = [npmPackage("@a/b@1.0.0"), npmPackage("@a/b@1.0.0"), { server: { kind: "http" } }];
  const lines = await writeMissingLocks(services, { npm: () => npm, signal, locks });
  expect(lines).toEqual([expect.stringMatching(/@a\+b@1\.0\.0\.json is new: commit it\.$/)]);
  expect(readdirSync(locks)).toEqual(["@a+b@1.0.0.json"]);
  expect(JSON.parse(readFileSync(join(locks, "@a+b@1.0.0.json"), "utf8"))).toEqual({
    verb: "lock",
    dependencies: { "@a/b": "1.0.0" },
  });
  expect(withoutLock(services, locks)).toEqual([]);
  expect(await writeMissingLocks(services, { npm: () => expect.unreachable(), signal, locks })).toEqual([]);
});

test("one that cannot be written says why, and stops no other", async () => {
  const locks = folder();
  const services = [npmPackage("broken@1.0.0"), npmPackage("fine@1.0.0")];
  const [first, second] = await writeMissingLocks(services, { npm: () => npm, signal, locks });
  expect(first).toBe("broken@1.0.0 has no lockfile, and none can be written: npm install failed: no network");
  expect(second).toContain("fine@1.0.0.json is new");
});
