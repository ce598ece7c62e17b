import { expect, test } from "vitest";
import { Journal } from "./journal.ts";
import { createLog, logOutput, writeSoon, type LogTarget } from "./log.ts";

const messages = (lines: readonly string[]) => lines.map((line) => (JSON.parse(line) as { msg: string }).msg);

function journaled(level: "debug" | "info" | "silent" = "info") {
  const written: string[] = [];
  const target: LogTarget = (lines) => void written.push(...lines.trimEnd().split("\n"));
  const root = createLog(level, target);
  const journal = new Journal();
  const log = journal.of(root);
  return { root, journal, log, kept: () => messages(journal.lines), written: () => messages(written) };
}

test("a line is written as it was before, and kept", () => {
  const { log, kept, written } = journaled();
  log.info({ service: "memory" }, "one");
  writeSoon(log, '{"msg":"two"}\n');
  log.child({ more: 1 }).warn("three");
  expect(kept()).toEqual(["one", "two", "three"]);
  expect(written()).toEqual(["one", "two", "three"]);
});

test("what another service logs is not in it", () => {
  const { root, log, kept } = journaled();
  const other = new Journal().of(root);
  other.info("theirs");
  root.info("the gateway's");
  log.info("ours");
  expect(kept()).toEqual(["ours"]);
});

test("it follows the level of its log, also when that changes", () => {
  const { root, log, kept, written } = journaled();
  log.debug("too quiet");
  root.level = "debug";
  log.debug("heard");
  expect([kept(), written()]).toEqual([["heard"], ["heard"]]);
});

test.each(["info", "silent"] as const)("what a server writes is kept at the level %s, and not written", (level) => {
  const { log, kept, written } = journaled(level);
  logOutput(log, { child: "memory[1]", stderr: "listening" });
  expect([kept(), written()]).toEqual([["standard error"], []]);
});

test("the last fifty lines are kept, the oldest first", () => {
  const { log, journal, kept } = journaled();
  for (let line = 1; line <= 120; line++) {
    log.info(String(line));
    const first = Math.max(1, line - 49);
    expect(kept()).toEqual(Array.from({ length: line - first + 1 }, (_, at) => String(first + at)));
  }
  expect(journal.written).toBe(120);
});

test("a line of any length takes a bounded place", () => {
  const journal = new Journal();
  for (let line = 0; line < 60; line++) journal.keep("x".repeat(1_000_000));
  expect(journal.lines.join("").length).toBeLessThan(500_000);
});
