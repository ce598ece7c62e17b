import { expect, test } from "vitest";
import { judgeTraffic } from "./judge-traffic.ts";
import { judgeEnd, judgeGrowth } from "./judge.ts";
import type { Measurement } from "./measure.ts";

const MB = 1_000_000;
const before: Measurement = {
  sessions: 0,
  processes: 1,
  files: 27,
  sockets: 6,
  handles: { TCPServerWrap: 1, PipeWrap: 5 },
  rss: 180 * MB,
  heap: 13 * MB,
  external: 11 * MB,
  objects: { Object: 3_000, Socket: 6 },
};

const grew = (after: Partial<Measurement>) => judgeGrowth(before, { ...before, ...after }).map(({ what }) => what);

test("a gateway that holds as much as before, or less, is flat", () => {
  expect(grew({})).toEqual([]);
  expect(grew({ processes: 0, files: 20, heap: 9 * MB, handles: {}, objects: {} })).toEqual([]);
});

test("one session, server, file or handle too many is found", () => {
  expect(grew({ sessions: 1 })).toEqual(["sessions"]);
  expect(grew({ processes: 2 })).toEqual(["server processes"]);
  expect(grew({ files: 28, sockets: 7 })).toEqual(["open files", "sockets"]);
  expect(grew({ handles: { ...before.handles, Timeout: 1 } })).toEqual(["handles"]);
});

test("a session that was already left over at the first measurement is found, too", () => {
  expect(judgeGrowth({ ...before, sessions: 1 }, { ...before, sessions: 1 })).toHaveLength(1);
});

test("memory may grow by its margin but no more", () => {
  expect(grew({ heap: 14.9 * MB, external: 12.9 * MB, rss: 240 * MB })).toEqual([]);
  expect(grew({ heap: 15.1 * MB, external: 13.1 * MB, rss: 250 * MB })).toEqual([
    "heap after gc",
    "buffers",
    "resident memory",
  ]);
});

test("classes that grew are named, the one that grew most first", () => {
  const objects = { Object: 3_400, Socket: 6, Stream: 40, Session: 100, Peer: 30 };
  const [finding] = judgeGrowth(before, { ...before, objects });
  expect(finding?.to).toBe("Session 0 -> 100, Stream 0 -> 40, Object 3000 -> 3400");
});

test("figures that the kernel does not provide are not judged", () => {
  expect(grew({ processes: undefined, files: undefined, sockets: undefined })).toEqual([]);
});

test("an unclean end is found: exit code, time, processes left, errors in the log", () => {
  expect(judgeEnd({ code: 0, ms: 50, left: [] }, [])).toEqual([]);
  expect(judgeEnd({ code: "SIGKILL", ms: 30_000, left: [1, 2] }, ["uncaught"]).map(({ to }) => to)).toEqual([
    "SIGKILL",
    30_000,
    "1, 2",
    1,
  ]);
});

test("one wrong answer is too many, and a kind must get through at least every other time", () => {
  const counts = { kind: "call", ok: 50, refused: 50, wrong: 0, mistake: undefined };
  expect(judgeTraffic([counts, { ...counts, ok: 0, refused: 3 }])).toEqual([]);
  expect(judgeTraffic([{ ...counts, ok: 49 }])).toHaveLength(1);
  expect(judgeTraffic([{ ...counts, wrong: 1, mistake: "another's text" }])[0]?.look).toBe("another's text");
});
