import { expect, test } from "vitest";
import { renderTable, wrap } from "./table.ts";

const cells = (...texts: string[]) => texts.map((text) => ({ text }));

test("columns are as wide as their longest cell, and no line ends in blanks", () => {
  const rows = [
    cells("service", "tools", "needs"),
    [{ text: "memory" }, { text: "9", align: "right" as const }, { text: "" }],
  ];
  expect(renderTable(rows)).toEqual(["service  tools  needs", "memory       9"]);
});

test("nothing is cut: a name that must be typed is worth a long line", () => {
  const name = "GITHUB_PERSONAL_ACCESS_TOKEN_".repeat(5);
  expect(renderTable([cells("github", name)])).toEqual([`github  ${name}`]);
});

test("a sentence is broken between words", () => {
  expect(wrap("memory failed: port 8082 is taken", "", 20)).toEqual(["memory failed: port", "  8082 is taken"]);
  expect(wrap("stop it", "    ", 20)).toEqual(["    stop it"]);
});
