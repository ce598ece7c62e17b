import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { backupOf, readBackup, readClientFile, writeClientFile } from "./file.ts";

const folder = () => realpathSync(mkdtempSync(join(tmpdir(), "clients-")));
const own = { created: 0o600, isPrivate: false };
const modeOf = (file: string) => statSync(file).mode & 0o777;

test("a file that is not there is made, with its folders, for its owner alone", () => {
  const file = join(folder(), "a", "b.json");
  writeClientFile(readClientFile(file), "{}", own);
  expect([readFileSync(file, "utf8"), modeOf(file), modeOf(join(file, ".."))]).toEqual(["{}", 0o600, 0o700]);
  expect(readBackup(file)).toBeUndefined();
});

test.each([
  ["stays as it was", false, 0o640, 0o640],
  ["is the owner's alone with a token inside", true, 0o644, 0o600],
])("the mode of a file %s", (_what, isPrivate, before, after) => {
  const file = join(folder(), "a.json");
  writeFileSync(file, "old");
  chmodSync(file, before);
  writeClientFile(readClientFile(file), "new", { ...own, isPrivate });
  expect([readFileSync(file, "utf8"), modeOf(file)]).toEqual(["new", after]);
  expect([readBackup(file), modeOf(backupOf(file))]).toEqual(["old", 0o600]);
});

test.each([
  ["a file", true],
  ["nothing yet", false],
])("a link to %s stays one, and what it leads to is written", (_what, isThere) => {
  const home = folder();
  mkdirSync(join(home, "dotfiles"));
  const target = join(home, "dotfiles", "config.toml");
  if (isThere) writeFileSync(target, "old");
  symlinkSync(join("dotfiles", "config.toml"), join(home, "between"));
  symlinkSync("between", join(home, "config.toml"));
  writeClientFile(readClientFile(join(home, "config.toml")), "new", own);
  expect(lstatSync(join(home, "config.toml")).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, "utf8")).toBe("new");
  expect(readdirSync(join(home, "dotfiles"))).toEqual(["config.toml"]);
});

test("a file that has changed since it was read is not written", () => {
  const file = join(folder(), "a.json");
  writeFileSync(file, "old");
  const found = readClientFile(file);
  writeFileSync(file, "theirs");
  expect(() => writeClientFile(found, "new", own)).toThrow(
    `${file} was not changed: it has changed meanwhile: try again`,
  );
  expect(readFileSync(file, "utf8")).toBe("theirs");
  expect(readdirSync(join(file, ".."))).toEqual(["a.json"]);
});

test("a file that somebody has made in the meantime is not written over", () => {
  const file = join(folder(), "a.json");
  const found = readClientFile(file);
  writeFileSync(file, "theirs");
  expect(() => writeClientFile(found, "new", own)).toThrow("it has changed meanwhile");
  expect(readFileSync(file, "utf8")).toBe("theirs");
});

test("of two who write at once, the second is told", () => {
  const file = join(folder(), "a.json");
  writeFileSync(file, "old");
  writeFileSync(`${file}.gangway-new`, "of the other");
  expect(() => writeClientFile(readClientFile(file), "new", own)).toThrow(
    `${file} was not changed: another gangway is writing it: try again`,
  );
  expect(readFileSync(`${file}.gangway-new`, "utf8")).toBe("of the other");
});

test("what one has left that was killed in the middle stops nobody a minute later", () => {
  const file = join(folder(), "a.json");
  writeFileSync(file, "old");
  writeFileSync(`${file}.gangway-new`, "half of i");
  utimesSync(`${file}.gangway-new`, 0, 0);
  writeClientFile(readClientFile(file), "new", own);
  expect(readFileSync(file, "utf8")).toBe("new");
  expect(readdirSync(join(file, "..")).toSorted()).toEqual(["a.json", "a.json.gangway-backup"]);
});

test("a read-only file is not written, also not by root", () => {
  const file = join(folder(), "a.json");
  writeFileSync(file, "old", { mode: 0o444 });
  expect(() => writeClientFile(readClientFile(file), "new", own)).toThrow("it is read-only; to allow it: chmod u+w");
  expect(readFileSync(file, "utf8")).toBe("old");
});

test("what cannot be read says why in one sentence", () => {
  const home = folder();
  writeFileSync(join(home, "latin1.json"), Buffer.from([0x22, 0xe9, 0x22]));
  symlinkSync("circle", join(home, "circle"));
  const reason = (name: string) => () => readClientFile(join(home, name));
  expect(reason("latin1.json")).toThrow("latin1.json was not read: it is not in UTF-8; save it so");
  expect(reason("circle")).toThrow("circle was not read: its links lead in a circle");
  expect(reason(".")).toThrow("was not read: it is a folder");
  expect(reason("latin1.json/a")).toThrow("was not read: a part of its path is a file");
});

test("a byte order mark is kept", () => {
  const file = join(folder(), "a.json");
  writeFileSync(file, "\uFEFF{}");
  const found = readClientFile(file);
  writeClientFile(found, `${found.text} `, own);
  expect(readFileSync(file)).toEqual(Buffer.from("\uFEFF{} "));
});
