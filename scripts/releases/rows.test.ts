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
  expect(rowsOf("memory", all, { running, pinned, history: [] }).map(({ result }) => result)).toEqual(results);
});

test("times are ISO 8601", () => {
  const about = { running: second, pinned: undefined, history: [] };
  expect(rowsOf("memory", all, about)[1]).toMatchObject({ time: "2026-11-29T10:15:30Z", release: first });
});

const deploy = (time: string, who: string, services: object, commit?: string) => ({
  action: "deploy",
  time,
  who,
  commit,
  services: { ...services },
});

test("each is by whoever made the first deploy with it that ended after it took over", () => {
  const history = [
    { ...deploy("2026-11-30T12:30:00.500Z", "dan", { memory: second }), action: "rollback" },
    deploy("2026-11-30T12:20:00.500Z", "cleo", { memory: second }, "cccc"),
    deploy("2026-11-30T12:00:09.250Z", "bob", { memory: second, docs: first }, "bbbb"),
    deploy("2026-11-29T10:15:40.000Z", "ada", { memory: first }),
    deploy("2026-11-29T10:15:20.000Z", "eve", { memory: first }),
    deploy("2026-11-29T10:00:00.000Z", "eve", { memory: null }),
  ];
  const rows = rowsOf("memory", all, { running: second, pinned: undefined, history });
  expect(rows.map(({ who, commit }) => [who, commit])).toEqual([
    ["bob", "bbbb"],
    ["ada", undefined],
    ["bob", "bbbb"],
  ]);
});
