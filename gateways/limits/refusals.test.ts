import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Refusals, type RefusalFields } from "./refusals.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(): { refusals: Refusals; told: RefusalFields[] } {
  const told: RefusalFields[] = [];
  return { refusals: new Refusals((fields) => void told.push(fields)), told };
}

const host = { service: "memory", reason: "unknown host name" };

test("the first refusal is told at once, the others once a minute with their number, until there are none", () => {
  const { refusals, told } = start();
  for (let index = 0; index < 10_000; index++) refusals.note({ ...host, address: `192.0.2.${index % 256}` });
  expect(told).toEqual([{ ...host, address: "192.0.2.0" }]);
  vi.advanceTimersByTime(60_000);
  expect(told.slice(1)).toEqual([{ ...host, address: "192.0.2.15", count: 9_999 }]);
  vi.advanceTimersByTime(600_000);
  expect(told).toHaveLength(2);
  refusals.note({ ...host, address: "192.0.2.1" });
  expect(told).toHaveLength(3);
});

test("each service and each reason has lines of its own", () => {
  const { refusals, told } = start();
  for (const fields of [host, { ...host, service: "coda" }, { ...host, reason: "page of another site" }])
    refusals.note({ ...fields, address: "192.0.2.1" });
  expect(told).toHaveLength(3);
});

test("what has been counted is told at the end", () => {
  const { refusals, told } = start();
  refusals.note({ ...host, address: "192.0.2.1" });
  refusals.note({ ...host, address: "192.0.2.2" });
  refusals.stop();
  expect(told[1]).toEqual({ ...host, address: "192.0.2.2", count: 1 });
  expect(vi.getTimerCount()).toBe(0);
});
