import { expect, test } from "vitest";
import { FailedLogins } from "./failed-logins.ts";

/** Fails so many times. Returns how many were within the budgets. */
function fail(logins: FailedLogins, times: number, address: (index: number) => string): number {
  let within = 0;
  for (let index = 0; index < times; index++) if (!logins.count(address(index), 0)) within++;
  return within;
}

test("an address has a budget, which fills up again", () => {
  const logins = new FailedLogins(10);
  expect(fail(logins, 100, () => "203.0.113.9")).toBe(10);
  expect(logins.count("203.0.113.9", 0)).toMatchObject({ whose: "203.0.113.9", wait: 6 });
  expect(logins.count("203.0.113.9", 6_000)).toBeUndefined();
});

test("all addresses of a /64 are one", () => {
  expect(fail(new FailedLogins(10), 100, (index) => `2001:db8::${index.toString(16)}`)).toBe(10);
});

test("whoever changes his /64 within a /48, or his address within a /24, has the budget of that network", () => {
  const logins = new FailedLogins(10);
  expect(fail(logins, 1_000, (index) => `2001:db8:1:${index.toString(16)}::1`)).toBe(50);
  expect(logins.count("2001:db8:1:ffff::1", 0)?.whose).toBe("2001:db8:1::/48");
  expect(fail(logins, 1_000, (index) => `203.0.113.${index % 256}`)).toBe(50);
  expect(logins.count("203.0.114.1", 0)).toBeUndefined();
});

test("however many networks somebody has, all failures together have a budget", () => {
  const logins = new FailedLogins(10);
  expect(fail(logins, 5_000, (index) => `2001:${(index >> 8).toString(16)}:${index % 256}::1`)).toBe(1_000);
  expect(logins.count("203.0.113.9", 0)?.whose).toBe("all");
});

test("filling the table of addresses gives nobody a new budget", () => {
  const logins = new FailedLogins(10);
  fail(logins, 20, () => "203.0.113.9");
  fail(logins, 30_000, (index) => `10.${index >> 16}.${(index >> 8) % 256}.${index % 256}`);
  expect(logins.count("203.0.113.9", 0)?.whose).toBe("203.0.113.9");
});

test("one address uses up nobody else's budget", () => {
  const logins = new FailedLogins(10);
  fail(logins, 100_000, () => "203.0.113.9");
  expect(fail(logins, 10, () => "203.0.113.10")).toBe(10);
});

test("a lockout begins once, until its address has calmed down", () => {
  const logins = new FailedLogins(10);
  const begun = (now: number) => logins.count("203.0.113.9", now)?.begins ?? false;
  let begins = 0;
  for (let now = 0; now < 600_000; now += 1_000) if (begun(now)) begins++;
  expect(begins).toBe(1);
  for (let now = 1_000_000; now < 1_060_000; now += 1_000) if (begun(now)) begins++;
  expect(begins).toBe(2);
});
