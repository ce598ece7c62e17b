import { expect, test } from "vitest";
import { defaultBudget, type Held, MemoryBudget, type Share } from "./memory-budget.ts";

const MiB = 1024 * 1024;

const refused = (name: string) => expect.objectContaining({ name });

test("one token gets half of the memory, however many addresses use it, and one address three quarters of that", () => {
  const budget = new MemoryBudget(256 * MiB, 100);
  const [home, office, other] = [budget.of("ann", "a"), budget.of("ann", "b"), budget.of("bob", "a")];
  expect(fill(home)).toBe(96);
  expect(fill(office)).toBe(32);
  expect(fill(other)).toBe(96);
  expect(() => office.take(MiB)).toThrow(refused("memory-exhausted"));
});

test("the shares of all together never exceed the whole", () => {
  const budget = new MemoryBudget(128 * MiB, 100);
  const shares = ["ann", "bob", "eve"].map((name) => budget.of(name, "a"));
  expect(shares.map(fill)).toEqual([48, 48, 32]);
  expect(budget.whole.bytes).toBe(128 * MiB);
});

test("a small budget still lets one answer of 32 MB through", () => {
  expect(new MemoryBudget(48 * MiB, 100).of("ann", "a").fits(32 * MiB)).toBe(true);
});

test("a refusal says whose share is full and how much it holds", () => {
  const share = new MemoryBudget(16 * MiB, 100).of("ann", "a");
  fill(share);
  expect(() => share.take(MiB)).toThrow(/the share of this address is full \(16 MiB of/);
  expect(share.refusal("memory-exhausted", MiB)).toMatchObject({ status: 503, retryAfter: 5 });
});

test("what is kept only while there is plenty may fill half of a share, and leaves the rest to calls", () => {
  const share = new MemoryBudget(128 * MiB, 100).of("ann", "a");
  let spare = 0;
  while (share.tryTakeSpare(MiB)) spare++;
  expect(spare).toBe(24);
  expect(share.fits(20 * MiB)).toBe(true);
});

test("half of the requests that may be open belong to one token at most, and all come back", () => {
  const budget = new MemoryBudget(64 * MiB, 16);
  const [one, two] = [budget.of("ann", "a"), budget.of("ann", "b")];
  const open = [...Array.from({ length: 6 }, () => one.openRequest()), two.openRequest(), two.openRequest()];
  expect(() => two.openRequest()).toThrow(refused("too-many-open-requests"));
  expect(budget.of("bob", "a").openRequest().bytes).toBeGreaterThan(0);
  for (const held of open) held.end();
  expect(one.requests + two.requests).toBe(0);
});

test("whatever is held, resized, given back and ended, in any order and twice: the sum is exact and within the limit", () => {
  for (let seed = 1; seed <= 30; seed++) play(seed);
});

test("the budget is sized from the memory that the process has", () => {
  expect(defaultBudget()).toBeGreaterThanOrEqual(16 * MiB);
  expect(defaultBudget()).toBeLessThanOrEqual(1024 * MiB);
});

/** Fills a share. @returns how many MiB fitted */
function fill(share: Share): number {
  let taken = 0;
  while (share.tryTake(MiB)) taken++;
  return taken;
}

/** Random steps on three shares of two tokens. */
function play(seed: number): void {
  const random = randomOf(seed);
  const budget = new MemoryBudget(16 * MiB, 40);
  const shares = [budget.of("ann", "a"), budget.of("ann", "b"), budget.of("bob", "a")];
  const held: Held[] = [];
  for (let step = 0; step < 300; step++) {
    const one = held[random(held.length)];
    const bytes = random(3 * MiB);
    const steps: (() => unknown)[] = [
      () => held.push(shares[random(3)]!.openRequest()),
      () => held.push(shares[random(3)]!.hold(bytes)),
      () => one?.take(bytes),
      () => one?.tryTakeSpare(bytes),
      () => one?.give(bytes),
      () => one?.resize(bytes),
      () => one?.end(),
    ];
    unlessRefused(steps[random(steps.length)]!);
    const { bytes: whole } = budget.whole;
    expect([sum(held), sum(shares), whole <= 16 * MiB]).toEqual([whole, whole, true]);
  }
  for (const each of [...held, ...held]) each.end();
  expect([budget.whole.bytes, budget.whole.requests]).toEqual([0, 0]);
}

function unlessRefused(step: () => unknown): void {
  try {
    step();
  } catch (error) {
    if (!["memory-exhausted", "too-many-open-requests"].includes((error as Error).name)) throw error;
  }
}

const sum = (parts: readonly { readonly bytes: number }[]) => parts.reduce((all, { bytes }) => all + bytes, 0);

/** Whole numbers below a limit, the same for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}
