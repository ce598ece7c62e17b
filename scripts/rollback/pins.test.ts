import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readPins } from "../../stacks/images/pins.ts";
import { scratchFolder } from "../kit/folder.ts";
import { previousRelease, writePins } from "./pins.ts";

const release = (digest: string, released: string) => ({ pin: { gateway: "g", server: digest }, released });
const where = "this machine's Docker";

describe("the release to go back to", () => {
  const releases = [release("c", "5"), release("c", "4"), release("b", "3"), release("a", "2")];

  test("is the newest one that differs from what runs", () => {
    expect(previousRelease(releases, release("c", "").pin, "memory", where)).toEqual(release("b", "3"));
  });

  test("is not what runs, whatever the clock of a deploy has said", () => {
    expect(previousRelease(releases, release("b", "").pin, "memory", where)).toEqual(release("c", "5"));
  });

  test("while nothing runs is that before the last", () => {
    expect(previousRelease(releases, undefined, "memory", where)).toEqual(release("b", "3"));
  });

  test("may differ in its gateway alone", () => {
    const earlier = { pin: { gateway: "f", server: "c" }, released: "1" };
    expect(previousRelease([release("c", "5"), earlier], release("c", "").pin, "memory", where)).toBe(earlier);
  });

  test("after a rollback is the release before the rollback", () => {
    const back = [release("a", "3"), release("b", "2"), release("a", "1")];
    expect(previousRelease(back, release("a", "").pin, "memory", where)).toEqual(release("b", "2"));
  });

  test("does not exist where there has been none, or only one", () => {
    expect(() => previousRelease([], undefined, "memory", where)).toThrow(
      "memory has no release on this machine's Docker: it was never deployed there",
    );
    expect(() => previousRelease([release("a", "2")], release("a", "").pin, "memory", where)).toThrow(
      "memory has no earlier release on this machine's Docker: it has only ever run gateway g, server a there",
    );
  });
});

test("pins are read as they were written, and the file goes with the last one", () => {
  const { path: folder, remove } = scratchFolder("pins");
  onTestFinished(remove);
  const file = join(folder, "pins.json");
  expect(readPins(file)).toEqual({});
  const local = { memory: { gateway: "0123456789abcdef", server: "fedcba9876543210" } };
  writePins({ local, services: {} }, file);
  expect(readPins(file)).toEqual({ local });
  expect(readFileSync(file, "utf8")).toMatch(/\n$/);
  writePins({ local: {} }, file);
  expect(existsSync(file)).toBe(false);
});

test("a pin of a release that had server and gateway in one image is refused with what to do", () => {
  const { path: folder, remove } = scratchFolder("pins");
  onTestFinished(remove);
  const file = join(folder, "pins.json");
  writeFileSync(file, JSON.stringify({ local: { memory: "0123456789abcdef" } }));
  expect(() => readPins(file)).toThrow(
    /memory is pinned to 0123456789abcdef in stack local, a release that had its server and its gateway in one image: take it out, and deploy/,
  );
});
