import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { kinds } from "./registry.ts";

test("every file with a kind in it is in the registry", () => {
  const files = readdirSync(import.meta.dirname).filter((file) =>
    /^export const \w+Kind\b/m.test(readFileSync(`${import.meta.dirname}/${file}`, "utf8")),
  );
  expect(files.toSorted()).toEqual([...kinds.keys()].map((kind) => `${kind}.ts`).toSorted());
});
