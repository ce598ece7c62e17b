import { expect, test } from "vitest";
import { LoginLimits } from "./login-limits.ts";
import { Pauses } from "./pauses.ts";

const SECOND = 1_000;

/** Tries once a second as `name` from `address`, and fails. @returns the waits */
const failures = (limits: LoginLimits, name: string, address: (at: number) => string, times: number, start = 0) =>
  Array.from({ length: times }, (_, at) => limits.begin(name, address(at), start + at * SECOND).wait);

test("pauses grow with each failure, are never longer than five minutes, and end", () => {
  const pauses = new Pauses({ free: 5, longest: 300 });
  const waits: number[] = [];
  let now = 0;
  for (let at = 0; at < 20; at++) {
    pauses.count("ada", now);
    const wait = pauses.left("ada", now);
    waits.push(wait);
    now += wait * SECOND;
    expect(pauses.left("ada", now)).toBe(0);
  }
  expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, ...Array.from({ length: 7 }, () => 300)]);
});

test("what is paused is not counted, so that trying goes on after the pause that was told", () => {
  const limits = new LoginLimits();
  failures(limits, "ada", () => "192.0.2.1", 6);
  const { wait } = limits.begin("ada", "192.0.2.1", 5 * SECOND);
  expect(wait).toBeGreaterThan(0);
  for (let at = 0; at < 5; at++) limits.begin("ada", "192.0.2.1", 5 * SECOND);
  expect(limits.begin("ada", "192.0.2.1", (5 + wait) * SECOND).wait).toBe(0);
});

test("a name that nobody has is paused as one that somebody has", () => {
  const [one, other] = [new LoginLimits(), new LoginLimits()];
  expect(failures(one, "ada", () => "192.0.2.1", 20)).toEqual(failures(other, "nobody", () => "192.0.2.1", 20));
});

test("a success ends the pauses of that name there", () => {
  const limits = new LoginLimits();
  failures(limits, "ada", () => "192.0.2.1", 4);
  limits.begin("ada", "192.0.2.1", 5 * SECOND).succeeded();
  expect(failures(limits, "ada", () => "192.0.2.1", 4, 6 * SECOND)).toEqual([0, 0, 0, 0]);
});

test("an attack from everywhere pauses a name, for a minute at most, but not where its user has logged in before", () => {
  const limits = new LoginLimits();
  limits.begin("ada", "192.0.2.1", 0).succeeded();
  const waits = Array.from(
    { length: 900 },
    (_, at) => limits.begin("ada", `10.${at % 250}.${Math.floor(at / 250)}.1`, at * SECOND).wait,
  );
  expect(Math.max(...waits)).toBeGreaterThan(30);
  expect(Math.max(...waits)).toBeLessThanOrEqual(60);
  expect(limits.begin("ada", "198.51.100.1", 900 * SECOND).wait).toBeGreaterThan(0);
  expect(limits.begin("ada", "192.0.2.1", 900 * SECOND).wait).toBe(0);
});

test("an address that tries many names is slowed down, and others are not", () => {
  const limits = new LoginLimits();
  const waits = Array.from({ length: 60 }, (_, at) => limits.begin(`name-${at}`, "192.0.2.1", 0).wait);
  expect(waits.filter((wait) => wait === 0)).toHaveLength(30);
  expect(limits.begin("ada", "203.0.113.1", 0).wait).toBe(0);
});

test("all addresses together are slowed down, because each try costs memory", () => {
  const limits = new LoginLimits();
  const waits = Array.from({ length: 400 }, (_, at) => limits.begin(`n-${at}`, `10.0.${at % 200}.${at % 250}`, 0).wait);
  expect(waits.filter((wait) => wait === 0)).toHaveLength(200);
});

test("tries that are under way at the same time are counted before any of them has failed", () => {
  const limits = new LoginLimits();
  const waits = Array.from({ length: 10 }, () => limits.begin("ada", "192.0.2.1", 0).wait);
  expect(waits.filter((wait) => wait === 0)).toHaveLength(5);
});
