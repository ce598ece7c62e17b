/** What is hidden of a file system, and what of that is shown. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mountsFor, type Viewer } from "./view.ts";

const place = realpathSync(mkdtempSync(join(tmpdir(), "view-")));
const home = join(place, "home");
const gangway = join(home, "project/.gangway");
const FOLDERS = [join(gangway, "work/own"), join(gangway, "work/other"), join(home, ".ssh"), join(home, ".aws")];
const FILES = [join(gangway, "gateway.json"), join(home, ".npmrc"), join(home, "project/.env"), join(home, ".ssh/id")];

beforeAll(() => {
  for (const folder of FOLDERS) mkdirSync(folder, { recursive: true });
  for (const file of FILES) writeFileSync(file, "");
});
afterAll(() => rmSync(place, { recursive: true }));

const VIEWER: Viewer = {
  named: [],
  needed: [home],
  homes: [home],
  cwd: join(gangway, "work/own"),
  hidden: [gangway, join(home, "project/.env")],
  isFetched: false,
};
const USER = 1_000;

/** What is done to each path, in its order. */
function seen(viewer: Partial<Viewer>, uid = USER): Map<string, string> {
  const flags = mountsFor({ ...VIEWER, ...viewer }, uid);
  const at = flags.flatMap((flag, index) => (/^--(bind|ro-bind|tmpfs)$/.test(flag) ? [index] : []));
  return new Map(
    at.map((index) => {
      const kind = flags[index]!.slice(2);
      return [flags[index + (kind === "tmpfs" ? 1 : 2)]!, kind];
    }),
  );
}

test.for<[what: string, viewer: Partial<Viewer>, path: string, kind: string | undefined]>([
  ["an SSH folder", {}, join(home, ".ssh"), "tmpfs"],
  ["a folder that is not there", {}, join(home, ".azure"), undefined],
  ["an SSH key that an argument names", { named: [`--key=${join(home, ".ssh/id")}`] }, join(home, ".ssh/id"), "bind"],
  ["... and the folder around it", { named: [join(home, ".ssh/id")] }, join(home, ".ssh"), "tmpfs"],
  ["a folder that an argument names", { named: [join(home, ".aws")] }, join(home, ".aws"), "bind"],
  ["what only PATH names", { needed: [join(home, ".aws")] }, join(home, ".aws"), "tmpfs"],
  [
    "a name in a shell's words",
    { named: [`exec node '${join(home, ".ssh/id")}'; true`] },
    join(home, ".ssh/id"),
    "bind",
  ],
  ["a file's URL", { named: [`file://${join(home, ".ssh/id")}`] }, join(home, ".ssh/id"), "bind"],
  ["a relative path", { named: ["../../../../.ssh/id"] }, join(home, ".ssh/id"), "bind"],
  ["settings", {}, join(home, "project/.env"), "ro-bind"],
  ["npm's settings", {}, join(home, ".npmrc"), "ro-bind"],
  ["npm's settings for npx", { isFetched: true }, join(home, ".npmrc"), undefined],
  ["its own part of a folder of the gateway's", {}, join(gangway, "work/own"), "bind"],
  ["another's part", {}, join(gangway, "work/other"), undefined],
  ["the folder itself, although it is named", { named: [gangway] }, gangway, "tmpfs"],
  ["a file of the gateway's, although it is named", { named: [FILES[0]!] }, FILES[0]!, undefined],
  ["temporary files", {}, "/tmp", "tmpfs"],
])("%s", ([, viewer, path, kind]) => {
  expect(seen(viewer).get(path)).toBe(kind);
});

test("what is below comes after what is above it", () => {
  const paths = [...seen({ named: [join(home, ".ssh/id")] }).keys()];
  for (const [index, path] of paths.entries())
    expect(paths.slice(index + 1).filter((later) => path.startsWith(`${later}/`))).toEqual([]);
});

test("to root the system is read-only, but for what an argument names", () => {
  const folders = seen({ named: ["/usr/share"], needed: ["/usr/bin:/bin"] }, 0);
  expect(folders.get("/usr")).toBe("ro-bind");
  expect(folders.get("/usr/share")).toBe("bind");
  expect(folders.get("/usr/bin")).toBe(undefined);
});
