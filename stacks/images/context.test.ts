import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type ContextFile, digestOf, writeContext } from "./context.ts";

const files: [string, ContextFile][] = [
  ["Dockerfile", { content: "FROM base\n" }],
  ["server/main.js", { content: "run()\n", executable: true }],
];
const args = { BASE: "node:24-slim", VOLUMES: "/state" };

const digest = (changed: [string, ContextFile][] = files, changedArgs: Record<string, string> = args) =>
  digestOf({ files: new Map(changed), args: changedArgs });

test("a digest is 16 hex digits, the same for the same files", () => {
  expect(digest()).toMatch(/^[0-9a-f]{16}$/);
  expect(digest(structuredClone(files))).toBe(digest());
});

test("the order in which a file system or an object has things does not matter", () => {
  expect(digest(files.toReversed(), { VOLUMES: "/state", BASE: "node:24-slim" })).toBe(digest());
});

test("a text and its bytes are the same content", () => {
  expect(digest([["Dockerfile", { content: Buffer.from("FROM base\n") }], files[1]!])).toBe(digest());
});

test.each<[what: string, changed: [string, ContextFile][], args?: Record<string, string>]>([
  ["another content", [["Dockerfile", { content: "FROM other\n" }], files[1]!]],
  ["another name", [files[0]!, ["server/other.js", files[1]![1]]]],
  ["another mode", [files[0]!, ["server/main.js", { content: "run()\n" }]]],
  ["one file less", [files[0]!]],
  ["another value of an argument", files, { ...args, BASE: "node:26-slim" }],
  ["one argument more", files, { ...args, SERVER: "x" }],
  ["a boundary that moves from the name to the content", [["Dockerfil", { content: "eFROM base\n" }], files[1]!]],
])("%s makes another digest", (_what, changed, changedArgs = args) => {
  expect(digest(changed, changedArgs)).not.toBe(digest());
});

test("what is written has the files with their modes, and nothing of what was there before", () => {
  const folder = mkdtempSync(join(tmpdir(), "gangway-context-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeContext(folder, { files: new Map([["old", { content: "" }]]), args: {} });
  writeContext(folder, { files: new Map(files), args });
  const mode = (path: string) => statSync(join(folder, path)).mode & 0o777;
  expect(readFileSync(join(folder, "server/main.js"), "utf8")).toBe("run()\n");
  expect([mode("server/main.js"), mode("Dockerfile")]).toEqual([0o755, 0o644]);
  expect(() => statSync(join(folder, "old"))).toThrow("ENOENT");
});
