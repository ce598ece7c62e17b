import { expect, test } from "vitest";
import { judge, type Measured } from "./judge.ts";

const calls = { made: 1_000, failed: [], p50: 1, p99: 4 };
const borne: Measured = {
  limitedBy: "cgroup v2",
  limit: 512,
  peak: 500,
  quiet: calls,
  accompanied: calls,
  attacked: { ...calls, p99: 12 },
  made: { "nested JSON": 1 },
  end: undefined,
  complaints: [],
};

const found = (changed: Partial<Measured>) => judge({ ...borne, ...changed }).map(({ what }) => what);

test("a gateway that lives, serves and stays within its memory has borne the attacks", () => {
  expect(found({})).toEqual([]);
});

test("its end, one failed call, a call too slow, too much memory and an error in the log are found", () => {
  expect(found({ end: "SIGKILL" })).toEqual(["the gateway ended"]);
  expect(found({ attacked: { ...calls, failed: ["HTTP 503"] } })).toEqual([
    "the good client's calls that failed, of 1000",
  ]);
  expect(found({ attacked: { ...calls, p99: 12.1 } })).toEqual(["the good client's 99th percentile, ms"]);
  expect(found({ accompanied: { ...calls, p99: 13 }, attacked: { ...calls, p99: 13 } })).toEqual([]);
  expect(found({ peak: 513 })).toEqual(["memory"]);
  expect(found({ complaints: ["uncaught"] })).toEqual(["errors in the log"]);
});

test("times that could not be taken, and attacks that were never made, are no success", () => {
  expect(found({ attacked: { ...calls, p99: NaN } })).toHaveLength(1);
  expect(found({ made: {} })).toEqual(["attacks"]);
});
