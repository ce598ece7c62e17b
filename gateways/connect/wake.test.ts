import { afterEach, expect, test, vi } from "vitest";
import { whenWoken } from "./wake.ts";

afterEach(() => void vi.useRealTimers());

test("a clock that has gone on without our timers is noticed, and a busy machine is not", () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  let now = 0;
  const woken = vi.fn<() => void>();
  const stop = whenWoken(woken, () => now);
  const after = (milliseconds: number) => {
    now += milliseconds;
    vi.advanceTimersToNextTimer();
  };
  for (const pause of [2_000, 5_000, 9_000, 2_000]) after(pause);
  expect(woken).not.toHaveBeenCalled();
  after(3_600_000);
  after(2_000);
  expect(woken).toHaveBeenCalledTimes(1);
  stop();
});
