/** What the library does to the process that it is in. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

test("importing it listens to nothing, opens nothing and reads no variable", () => {
  const words = [join(import.meta.dirname, "fixtures/import-effects.ts"), join(import.meta.dirname, "library.ts")];
  const { before, after, reads } = JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8" })) as {
    readonly before: object;
    readonly after: object;
    readonly reads: readonly string[];
  };
  expect(after).toEqual(before);
  // Some dependencies look at Node's own.
  expect(reads.filter((name) => !name.startsWith("NODE_"))).toEqual([]);
});
