import { expect, test } from "vitest";
import { painted } from "./colours.ts";
import { lineForPeople } from "./log-line.ts";

const time = "2026-11-28T12:04:05.123Z";
const clock = new Date(time).toTimeString().slice(0, 8);

test.each([
  ["a reason", { service: "memory", reason: "it is gone" }, "memory  it ended: it is gone"],
  ["an error", { err: { message: "boom" } }, "it ended: boom"],
  ["the process's own name", { child: "memory[4711]", reason: "exit code 1" }, "memory  it ended: exit code 1"],
  ["one that never started", { child: "my-x[not started]" }, "my-x  it ended"],
  ["other fields", { service: "memory", tool: "read_graph", ms: 12 }, "memory  it ended  tool=read_graph ms=12"],
  ["words with spaces", { client: "my app" }, 'it ended  client="my app"'],
  ["what the server wrote", { lastStderr: "one\ntwo" }, "it ended\n          one\n          two"],
])("a line with %s is one for people", (_, fields, expected) => {
  const line = JSON.stringify({ level: "warn", time, ...fields, msg: "it ended" });
  expect(lineForPeople(line)).toBe(`${clock}  warn   ${expected}`);
});

test.each(["plain words", "{broken", '"a text"', "null", '{"no":"level"}'])("%s stays as it is", (line) => {
  expect(lineForPeople(line)).toBe(line);
});

test("nothing in a line acts on the terminal", () => {
  const evil = "\u001b[2Jgone\u0007\u202e";
  const line = JSON.stringify({
    level: "warn",
    time,
    service: evil,
    reason: evil,
    lastStderr: evil,
    x: evil,
    msg: evil,
  });
  // eslint-disable-next-line no-control-regex -- that is the point
  expect(lineForPeople(line)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/);
  expect(lineForPeople(evil)).not.toContain("\u001b");
});

test("a reason of several lines is one line", () => {
  const line = JSON.stringify({ level: "error", time, reason: "one\n  two", msg: "it ended" });
  expect(lineForPeople(line)).toBe(`${clock}  error  it ended: one two`);
});

test("colours are those that our tables may have", () => {
  const line = JSON.stringify({ level: "warn", time, service: "memory", msg: "it ended" });
  expect(lineForPeople(line, painted)).toBe(
    `\u001b[2m${clock}\u001b[22m  \u001b[33mwarn \u001b[39m  \u001b[1mmemory\u001b[22m  it ended`,
  );
});
