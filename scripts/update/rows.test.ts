import { expect, test } from "vitest";
import { outdatedLines, rowOf } from "./rows.ts";

const NOW = new Date("2026-11-29T12:00:00Z");
const newer = rowOf("memory", {
  have: "@a/mem@1.0.0",
  newest: "@a/mem@1.2.0",
  released: new Date("2026-11-28T00:00:00Z"),
});
const same = rowOf("time", { have: "time[x]==2.0", newest: "time[x]==2.0" });
const unknown = rowOf("pic", { have: "owner/pic:v1", problem: "nobody knows" });

test("a row has the server and its versions", () => {
  expect(newer).toEqual({
    service: "memory",
    what: "@a/mem",
    have: "1.0.0",
    newest: "1.2.0",
    released: "2026-11-28T00:00:00.000Z",
    problem: null,
  });
  expect([same.what, same.have, unknown.what, unknown.have]).toEqual(["time[x]", "2.0", "owner/pic", "v1"]);
  expect(unknown).toMatchObject({ newest: null, problem: "nobody knows" });
});

test("what is newer is in a table, what is not known is said plainly, and the command follows", () => {
  const text = outdatedLines([newer, same, unknown], NOW, 200).join("\n");
  expect(text).toMatch(/memory +@a\/mem +1\.0\.0 +1\.2\.0 +1 day ago/);
  expect(text).toContain("1 is up to date");
  expect(text).toContain("pic: owner/pic v1 was not checked: nobody knows");
  expect(text).toContain("npx gangway update memory ");
});

test("where nothing is newer there is no table", () => {
  expect(outdatedLines([same], NOW)).toEqual(["1 is up to date"]);
});
