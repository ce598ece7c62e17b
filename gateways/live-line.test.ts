import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { elapsed, LiveLine } from "./live-line.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A terminal that keeps what was written. */
function terminal(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (text: string) => written.push(text) };
}

test("the seconds are shown once it takes more than one", () => {
  const screen = terminal(true);
  const line = new LiveLine(screen);
  line.show(() => "starting memory");
  expect(screen.written.at(-1)).toBe("\r\u001b[2K  ⠋ starting memory");
  vi.advanceTimersByTime(3_050);
  expect(screen.written.at(-1)).toMatch(/ starting memory \(3 s\)$/);
  line.hide();
  expect(screen.written.at(-1)).toBe("\r\u001b[2K");
  vi.advanceTimersByTime(1_000);
  expect(screen.written.at(-1)).toBe("\r\u001b[2K");
});

test("it gives way to other text, and comes again below that", () => {
  const screen = terminal(true);
  const line = new LiveLine(screen);
  line.show(() => "starting");
  line.clear();
  const before = screen.written.length;
  line.clear();
  expect(screen.written).toHaveLength(before);
  vi.advanceTimersByTime(100);
  expect(screen.written.at(-1)).toContain("starting");
  line.hide();
});

test("it never takes more than one line of a narrow terminal, and nothing in it acts on the terminal", () => {
  const screen = terminal(true, 30);
  const line = new LiveLine(screen);
  line.show(() => `\u001b[2Jinstalling ${"x".repeat(200)}`);
  vi.advanceTimersByTime(2_000);
  const shown = screen.written.at(-1)!.replace("\r\u001b[2K", "");
  expect(shown.length).toBeLessThan(30);
  expect(shown).not.toContain("\u001b");
  line.hide();
});

test("a pipe is shown nothing", () => {
  const pipe = terminal(false);
  const line = new LiveLine(pipe);
  line.show(() => "starting");
  line.hide();
  expect(pipe.written).toEqual([]);
});

test.each([
  [40, "0.0 s"],
  [1_240, "1.2 s"],
  [9_960, "10 s"],
  [12_400, "12 s"],
  [125_000, "2 min 5 s"],
])("%i ms are %s", (took, shown) => {
  expect(elapsed(took)).toBe(shown);
});

test("a terminal that erases nothing gets no line", () => {
  vi.stubEnv("TERM", "dumb");
  const screen = terminal(true);
  new LiveLine(screen).show(() => "starting");
  vi.unstubAllEnvs();
  expect(screen.written).toEqual([]);
});
