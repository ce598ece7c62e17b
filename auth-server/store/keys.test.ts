import { expect, test, vi } from "vitest";
import { newDatabase } from "../fixtures/new-database.ts";
import { cookieKeys, signingKeys } from "./keys.ts";

const DAY = 86_400_000;

/** Sets this process's clock to so many days after a key was due. */
const onDay = (days: number) => vi.spyOn(Date, "now").mockReturnValue((30 * 700 + days) * DAY);

test("keys are made once and kept", () => {
  const database = newDatabase();
  expect(signingKeys(database)).toEqual(signingKeys(database));
  expect(cookieKeys(database, undefined)).toEqual(cookieKeys(database, undefined));
  expect(signingKeys(database).keys[0]).toMatchObject({ alg: "ES256", d: expect.any(String) as string });
});

test("the operator's own secret is the only key for cookies", () => {
  expect(cookieKeys(newDatabase(), "x".repeat(32))).toEqual(["x".repeat(32)]);
});

test("a new key for cookies is taken before it signs, and the old one is taken while logins that it signed may go on", () => {
  const database = newDatabase();
  onDay(1);
  const [old] = cookieKeys(database, undefined);
  onDay(30);
  const both = cookieKeys(database, undefined);
  expect(both).toHaveLength(2);
  expect(both[0]).toBe(old); // another process may not know the new one yet
  onDay(33);
  expect(cookieKeys(database, undefined)).toEqual(both.toReversed());
});
