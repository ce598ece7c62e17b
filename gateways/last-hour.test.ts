import { expect, test } from "vitest";
import { randomNumbers } from "./fixtures/random.ts";
import { LastHour } from "./last-hour.ts";

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 0, 1, 12);

test("a call counts in its minute, and one that failed as an error, too", () => {
  const hour = new LastHour();
  hour.count(false, NOON);
  hour.count(true, NOON + MINUTE - 1);
  hour.count(false, NOON + MINUTE);
  const { start, calls, errors } = hour.counts(NOON + MINUTE);
  expect([calls.length, errors.length, start]).toEqual([60, 60, NOON - 58 * MINUTE]);
  expect([calls.slice(-3), errors.slice(-3)]).toEqual([
    [0, 2, 1],
    [0, 1, 0],
  ]);
});

test("what is older than an hour is forgotten, however long nobody called", () => {
  for (const later of [60, 61, 119, 120, 100_000]) {
    const hour = new LastHour();
    hour.count(true, NOON);
    const { calls, errors } = hour.counts(NOON + later * MINUTE);
    expect([...calls, ...errors], `${later} minutes later`).toEqual(Array.from({ length: 120 }, () => 0));
  }
});

test("a clock that is set back loses nothing", () => {
  const hour = new LastHour();
  hour.count(false, NOON);
  hour.count(false, NOON - 30 * MINUTE);
  expect(hour.counts(NOON - 30 * MINUTE).calls.at(-1)).toBe(2);
});

test("the counts are those of a list of all calls", () => {
  const random = randomNumbers(7);
  const hour = new LastHour();
  const all: number[] = [];
  let now = NOON;
  for (let call = 0; call < 2_000; call++) {
    now += random(3) === 0 ? random(5 * MINUTE) : random(1_000);
    hour.count(false, now);
    all.push(Math.floor(now / MINUTE));
    if (call % 100 !== 0) continue;
    const last = Math.floor(now / MINUTE);
    const expected = Array.from({ length: 60 }, (_, at) => all.filter((minute) => minute === last - 59 + at).length);
    expect(hour.counts(now).calls).toEqual(expected);
  }
});
