import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OwnSecret } from "./own-secret.ts";
import type { Verification } from "./verifiers/verifier.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A secret, what its API says of it, and what was logged. */
function secretAt(answers: (Verification | Error)[]) {
  const lines: string[] = [];
  const asked: number[] = [];
  const ask = async () => {
    asked.push(performance.now());
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(line) });
  return { own: new OwnSecret({ name: "API_TOKEN", value: "the-secret" }, ask, log), asked, lines };
}

const VALID: Verification = { valid: true, clientId: "ops" };
const REFUSED: Verification = { valid: false, error: "HTTP 401" };
const AWAY = new Error("no answer in 5 s");

test("a secret that is valid is asked about once", async () => {
  const { own, asked } = secretAt([VALID]);
  await own.start();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect([own.clientId, own.refused, asked.length]).toEqual(["ops", undefined, 1]);
});

test("one that is refused is asked about with growing pauses, told once, and is of use again as soon as it is valid", async () => {
  const { own, asked, lines } = secretAt([REFUSED, REFUSED, REFUSED, REFUSED, VALID]);
  let changes = 0;
  own.onChange = () => changes++;
  await own.start();
  expect(own.refused).toBe("its API refuses API_TOKEN (HTTP 401): set one that is valid");
  await vi.advanceTimersByTimeAsync(3_600_000);
  const pauses = asked.slice(1).map((at, index) => Math.round((at - asked[index]!) / 1_000));
  expect(pauses).toEqual([5, 10, 20, 40]);
  expect([own.refused, own.clientId]).toEqual([undefined, "ops"]);
  expect(changes).toBeGreaterThan(1);
  expect(lines.filter((line) => line.includes("refuses the service's own secret"))).toHaveLength(1);
});

test("no pause is longer than five minutes", async () => {
  const { own, asked } = secretAt([REFUSED]);
  await own.start();
  await vi.advanceTimersByTimeAsync(24 * 3_600_000);
  expect(Math.round((asked.at(-1)! - asked.at(-2)!) / 1_000)).toBe(300);
  own.stop();
  const before = asked.length;
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(asked).toHaveLength(before);
});

test("an API that is away refuses nothing, and is warned of", async () => {
  const { own, lines } = secretAt([AWAY, VALID]);
  await own.start();
  expect(own.refused).toBeUndefined();
  expect(lines.join("")).toContain("no answer in 5 s");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(own.clientId).toBe("ops");
});

test("while nobody knows whose it is, callers have it asked about, but not all of them", async () => {
  const { own, asked } = secretAt([AWAY]);
  await own.start();
  await vi.advanceTimersByTimeAsync(2_500);
  const all = await Promise.allSettled(Array.from({ length: 20 }, () => own.isOf("ops")));
  expect(all.every(({ status }) => status === "rejected")).toBe(true);
  expect(asked).toHaveLength(2);
  own.stop();
});

test("whose account it is decides, and one that is refused is nobody's", async () => {
  const { own } = secretAt([VALID]);
  expect([await own.isOf("ops"), await own.isOf("op"), await own.isOf("ops2")]).toEqual([true, false, false]);
  const other = secretAt([REFUSED]).own;
  await other.start();
  expect(await other.isOf("ops")).toBe(false);
  other.stop();
});
