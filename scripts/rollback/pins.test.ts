import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readPins } from "../../stacks/images/pins.ts";
import { scratchFolder } from "../kit/folder.ts";
import { previousRelease, writePins } from "./pins.ts";

const release = (image: string, released: string) => ({ image, digest: `digest-of-${image}`, released });

describe("the release to go back to", () => {
  test("is the newest one whose image differs from the last", () => {
    const releases = [release("c", "5"), release("c", "4"), release("b", "3"), release("a", "2")];
    expect(previousRelease(releases, "memory", "this machine's Docker")).toEqual(release("b", "3"));
  });

  test("after a rollback is the release before the rollback", () => {
    const releases = [release("a", "3"), release("b", "2"), release("a", "1")];
    expect(previousRelease(releases, "memory", "this machine's Docker")).toEqual(release("b", "2"));
  });

  test("does not exist where there has been none, or only one", () => {
    expect(() => previousRelease([], "memory", "this machine's Docker")).toThrow(
      "memory has no release on this machine's Docker: it was never deployed there",
    );
    expect(() => previousRelease([release("a", "2"), release("a", "1")], "memory", "this machine's Docker")).toThrow(
      "memory has no earlier release on this machine's Docker: it has only ever run digest-of-a there",
    );
  });
});

test("pins are read as they were written, and the file goes with the last one", () => {
  const { path: folder, remove } = scratchFolder("pins");
  onTestFinished(remove);
  const file = join(folder, "pins.json");
  expect(readPins(file)).toEqual({});
  writePins({ local: { memory: "0123456789abcdef" }, services: {} }, file);
  expect(readPins(file)).toEqual({ local: { memory: "0123456789abcdef" } });
  expect(readFileSync(file, "utf8")).toMatch(/\n$/);
  writePins({ local: {} }, file);
  expect(existsSync(file)).toBe(false);
});
