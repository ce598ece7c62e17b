import { describe, expect, test } from "vitest";
import { refusalsIn } from "./refusals.ts";
import { report } from "./report.ts";

const unlisted = (host: string, times: number, time = "2026-11-30T12:00:00Z") =>
  JSON.stringify({
    level: "warn",
    time,
    host,
    times,
    msg: "refused: the entry of this service does not list the host",
  });
const misled = JSON.stringify({
  level: "warn",
  time: "2026-11-30T12:00:01Z",
  host: "db.example",
  port: 5432,
  address: "10.0.0.7",
  msg: "refused: the name leads to an address inside",
});
const further = JSON.stringify({ level: "warn", times: 80, msg: "refused further names" });

const reportOf = (lines: readonly string[]) =>
  report([{ service: "memory", ...refusalsIn(lines) }]).map((line) => line.trimEnd());

describe("what was refused to a server", () => {
  test("is told by name, with how often and what would allow it", () => {
    const lines = [
      unlisted("b.example", 1),
      unlisted("a.example", 1),
      unlisted("a.example", 4, "2026-11-30T13:00:00Z"),
    ];
    expect(reportOf(lines)).toEqual([
      "memory",
      "  a.example  5 ×  2026-11-30T13:00:00Z  not listed",
      "  b.example  1 ×  2026-11-30T12:00:00Z  not listed",
      "  If memory should reach them, add to egress in its entry (a port other than 443 follows after a",
      '    colon): "a.example", "b.example"',
      "",
    ]);
  });

  test("is told of a listed host with the address that it led to, and of names that are too many", () => {
    const lines = reportOf([misled, further]);
    expect(lines[1]).toMatch(/db\.example:5432 +1 × .*the name leads to an address inside \(10\.0\.0\.7\)/);
    expect(lines.join("\n")).toContain("and 80 times further names");
    expect(lines.join(" ")).not.toContain("should reach them");
  });

  test.each([
    "",
    "a server's own words: refused",
    "null",
    "[]",
    '"refused"',
    '{"msg":"connection","host":"a.example","port":443}',
    '{"msg":"refused: x","host":"a.example","times":-1}',
    '{"msg":"refused: x","host":"a.example","times":"9"}',
  ])("is not what stands in %j", (line) => {
    expect(reportOf([line])).toEqual(["Nothing was refused to 1 server."]);
  });

  test("has no line that a hostile server could write on this terminal", () => {
    const lines = reportOf([
      unlisted("\u001b[2Jx\n", 1),
      ...Array.from({ length: 9 }, (_, at) => unlisted(`${at}.example`, 1)),
    ]);
    expect(lines.join("\n")).not.toContain("\u001b");
    expect(lines.join(" ")).toContain(", ...");
  });
});
