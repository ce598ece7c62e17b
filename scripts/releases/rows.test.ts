import { expect, test } from "vitest";
import { rowsOf } from "./rows.ts";

const first = { gateway: "0000000000000001", server: "0000000000000002" };
const second = { gateway: "0000000000000001", server: "0000000000000003" };
const all = [
  { pin: second, released: "20261130T120000Z" },
  { pin: first, released: "20261129T101530Z" },
  { pin: second, released: "20261128T080000Z" },
];

test.each([
  [second, undefined, ["serves", "earlier", "earlier"]],
  [{ ...first, egress: "0000000000000009" }, first, ["earlier", "serves, pinned", "earlier"]],
  [undefined, undefined, ["earlier", "earlier", "earlier"]],
])("what runs is marked once, where it took over last: %j", (running, pinned, results) => {
  expect(rowsOf(all, running, pinned).map(({ result }) => result)).toEqual(results);
});

test("times are ISO 8601", () => {
  expect(rowsOf(all, second, undefined)[1]).toMatchObject({ time: "2026-11-29T10:15:30Z", release: first });
});
