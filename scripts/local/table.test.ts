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

test("the last column is shortened to fit", () => {
  const lines = renderTable([cells("coda", "a sentence that is too long")], 20);
  expect(lines).toEqual(["coda  a sentence ..."]);
});

test("a sentence is broken between words", () => {
  expect(wrap("memory failed: port 8082 is taken", "", 20)).toEqual(["memory failed: port", "  8082 is taken"]);
  expect(wrap("stop it", "    ", 20)).toEqual(["    stop it"]);
});
