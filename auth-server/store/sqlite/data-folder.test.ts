import { chmodSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { databaseIn } from "./data-folder.ts";
import { Database } from "./database.ts";

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** A folder that everybody may read. */
function openFolder(...files: string[]): string {
  const folder = join(mkdtempSync(join(tmpdir(), "data-")), "auth");
  mkdirSync(folder);
  for (const file of files) writeFileSync(join(folder, file), "");
  chmodSync(folder, 0o755);
  return folder;
}

test.each([
  ["empty", []],
  ["our own from before", ["auth.sqlite", "auth.sqlite-wal", "auth.sqlite-shm", "resources.json"]],
])("a folder that is %s is closed to others", (_, files) => {
  const folder = openFolder(...files);
  databaseIn(folder);
  expect(modeOf(folder)).toBe("700");
});

test("a folder with other things in it stays as it is, and what is ours in it is private", () => {
  const folder = openFolder("letter.txt");
  new Database(databaseIn(folder)).close();
  expect([modeOf(folder), modeOf(join(folder, "auth.sqlite"))]).toEqual(["755", "600"]);
});

test("a folder that there is not is made, also below one that there is not", () => {
  const folder = join(mkdtempSync(join(tmpdir(), "data-")), "a", "b");
  databaseIn(folder);
  expect(modeOf(folder)).toBe("700");
});
