import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { closeFolder, scratchFolder } from "./folder.ts";

const scratch = scratchFolder("folder");
afterAll(scratch.remove);

test("the folder of the project's own files is this user's alone, also where it was not", () => {
  const path = join(scratch.path, ".gangway");
  closeFolder(path);
  const modes = [statSync(path).mode & 0o777];
  chmodSync(path, 0o755);
  closeFolder(path);
  expect([...modes, statSync(path).mode & 0o777]).toEqual([0o700, 0o700]);
});
