import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Heartbeat, type Beating } from "./heartbeat.ts";

const INTERVAL = 15_000;
let heartbeat: Heartbeat;

beforeEach(() => {
  vi.useFakeTimers();
  heartbeat = new Heartbeat(INTERVAL);
});
afterEach(() => {
  heartbeat.stop();
  vi.useRealTimers();
});

/** A member that counts its beats. */
function member(onBeat = () => {}): Beating & { beats: number } {
  return {
    beats: 0,
    beat() {
      this.beats++;
      onBeat();
    },
  };
}

test.each([0, 1, 7_499, 7_500, 7_501, 14_999])(
  "a member that joins at %i ms beats before a whole interval is over",
  (joined) => {
    vi.advanceTimersByTime(joined);
    const late = member();
    heartbeat.add(late);
    vi.advanceTimersByTime(INTERVAL);
    expect(late.beats).toBeGreaterThanOrEqual(1);
  },
);

test("a member that joins just before a beat is skipped, because a quick answer needs none", () => {
  vi.advanceTimersByTime(INTERVAL / 2 - 1);
  const quick = member();
  heartbeat.add(quick);
  vi.advanceTimersByTime(2);
  expect(quick.beats).toBe(0);
});

test("a member is never silent for longer than the interval", () => {
  const steady = member();
  heartbeat.add(steady);
  for (let beats = 1; beats <= 20; beats++) {
    vi.advanceTimersByTime(INTERVAL);
    expect(steady.beats).toBeGreaterThanOrEqual(beats);
  }
  expect(steady.beats).toBeLessThanOrEqual(40);
});

test("a member that has left does not beat again, however long it has been there", () => {
  const [young, grown] = [member(), member()];
  heartbeat.add(grown);
  vi.advanceTimersByTime(INTERVAL);
  const before = grown.beats;
  heartbeat.add(young);
  heartbeat.delete(young);
  heartbeat.delete(grown);
  vi.advanceTimersByTime(10 * INTERVAL);
  expect([young.beats, grown.beats]).toEqual([0, before]);
});

test("a member that leaves during its beat and adds another does not cost the others theirs", () => {
  const heir = member();
  const leaving: Beating = {
    beat() {
      heartbeat.delete(leaving);
      heartbeat.add(heir);
    },
  };
  const neighbour = member();
  heartbeat.add(leaving);
  heartbeat.add(neighbour);
  vi.advanceTimersByTime(INTERVAL);
  expect(neighbour.beats).toBe(1);
  vi.advanceTimersByTime(INTERVAL);
  expect(heir.beats).toBeGreaterThanOrEqual(1);
});

test("one timer serves all members", () => {
  for (let count = 0; count < 1_000; count++) heartbeat.add(member());
  vi.advanceTimersByTime(INTERVAL);
  expect(vi.getTimerCount()).toBe(1);
});

test("nothing beats after `stop`", () => {
  const steady = member();
  heartbeat.add(steady);
  heartbeat.stop();
  vi.advanceTimersByTime(10 * INTERVAL);
  expect(steady.beats).toBe(0);
});
