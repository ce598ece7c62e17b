/** Which sandbox there is, and what is said where there is none. */
import { expect, test } from "vitest";
import { type Machine, sandboxOf } from "./find-sandbox.ts";

const LINUX: Machine = { platform: "linux", path: "/usr/bin:/bin", setting: () => undefined, tryIt: () => undefined };
const forbids = (path: string, value: string, words: string): Partial<Machine> => ({
  setting: (asked) => (asked === path ? value : undefined),
  tryIt: () => words,
});
const has = (program: string): Partial<Machine> => ({ path: program });

test.for<[what: string, machine: Partial<Machine>, reason: RegExp, remedy: RegExp]>([
  ["macOS", { platform: "darwin" }, /^macOS has none .*sandbox-exec/, /deploy local/],
  ["Windows", { platform: "win32" }, /^there is none for Windows/, /deploy local/],
  ["a PATH without it", has("/nowhere"), /^bubblewrap is not installed/, /apt install bubblewrap/],
])("%s has none", ([, machine, reason, remedy]) => {
  const found = sandboxOf({ ...LINUX, ...machine });
  expect(found).toMatchObject({
    reason: expect.stringMatching(reason) as string,
    remedy: expect.stringMatching(remedy) as string,
  });
});

/** A stand-in: whether bubblewrap is installed here is another matter. */
const WITH_IT: Machine = { ...LINUX, find: () => "/usr/bin/bwrap" };

test.for<[what: string, machine: Partial<Machine>, reason: RegExp]>([
  [
    "AppArmor",
    forbids("kernel/apparmor_restrict_unprivileged_userns", "1", "bwrap: setting up uid map: Permission denied\n"),
    /AppArmor/,
  ],
  [
    "Debian's setting",
    forbids("kernel/unprivileged_userns_clone", "0", "bwrap: No permissions to create new namespace"),
    /nobody but root/,
  ],
  [
    "a limit of none",
    forbids("user/max_user_namespaces", "0", "bwrap: Creating new namespace failed"),
    /no user names/,
  ],
  [
    "anything else",
    { tryIt: () => "bwrap: Can't mount proc on /newroot/proc\nmore" },
    /\(bwrap: Can't mount proc[^\n]*\)$/,
  ],
])("%s forbids it", ([, machine, reason]) => {
  expect(sandboxOf({ ...WITH_IT, ...machine })).toMatchObject({ reason: expect.stringMatching(reason) as string });
});

test("it is used where a program runs in it", () => {
  expect(sandboxOf(WITH_IT)).toEqual({ program: "/usr/bin/bwrap" });
});

test("one that fails because of somebody's mount is tried again", () => {
  const tries = ["bwrap: Can't bind mount /oldroot/ on /newroot/", "the same", undefined];
  expect(sandboxOf({ ...WITH_IT, tryIt: () => tries.shift() })).toEqual({ program: "/usr/bin/bwrap" });
});
