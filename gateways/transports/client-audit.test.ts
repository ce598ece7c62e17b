import { expect, test } from "vitest";
import { createLog } from "../log.ts";
import { ClientAudit, type SeenClient } from "./client-audit.ts";

const HOUR = 3_600_000;

function watch() {
  const lines: Record<string, unknown>[] = [];
  const log = createLog("info", (line) => void lines.push(JSON.parse(line) as Record<string, unknown>));
  const audit = new ClientAudit("memory", log);
  const see = (client: Partial<SeenClient>, now: number, connection = {}) =>
    audit.see(
      { principal: "p", address: "a", client: "c 1", protocol: "2026-07-28", userAgent: "u", ...client },
      connection,
      now,
    );
  return { lines, see };
}

test("a client is told at its first request, and again after an hour", () => {
  const { lines, see } = watch();
  for (const now of [0, 1, HOUR - 1]) see({}, now);
  expect(lines).toHaveLength(1);
  see({}, HOUR);
  expect(lines).toHaveLength(2);
});

test("it is so on one connection and on several, and another client on the same connection is told, too", () => {
  const { lines, see } = watch();
  const connection = {};
  for (const now of [0, 1, HOUR - 1]) see({}, now, connection);
  see({}, HOUR - 1);
  expect(lines).toHaveLength(1);
  for (const now of [HOUR, HOUR + 1]) see({}, now, connection);
  expect(lines).toHaveLength(2);
  for (const client of ["d", "c 1"]) see({ client }, HOUR + 2, connection);
  expect(lines.map(({ client }) => client)).toEqual(["c 1", "c 1", "d"]);
});

test("another principal, address, client or user agent is another client", () => {
  const { lines, see } = watch();
  const others = [{}, { principal: "q" }, { address: "b" }, { client: "d" }, { userAgent: undefined }];
  for (const other of others) see(other, 0);
  expect(lines).toHaveLength(others.length);
});

test("whoever pretends to be many gets 60 lines a minute, and the next line counts the others", () => {
  const { lines, see } = watch();
  for (let number = 0; number < 10_000; number++) see({ client: `c ${number}` }, 0);
  expect(lines).toHaveLength(60);
  see({ client: "late" }, 60_000);
  expect(lines.at(-1)).toMatchObject({ client: "late", leftOut: 9_940 });
});
