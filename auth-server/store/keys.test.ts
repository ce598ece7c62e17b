import { expect, test, vi } from "vitest";
import { newStore } from "../fixtures/stores.ts";
import { cookieKeys, signingKeys } from "./keys.ts";

const DAY = 86_400_000;

/** Sets this process's clock to so many days after a key was due. */
const onDay = (days: number) => vi.spyOn(Date, "now").mockReturnValue((30 * 700 + days) * DAY);

test("keys are made once and kept", async () => {
  const { keys } = await newStore();
  expect(await signingKeys(keys)).toEqual(await signingKeys(keys));
  expect(await cookieKeys(keys, undefined)).toEqual(await cookieKeys(keys, undefined));
  expect((await signingKeys(keys)).keys[0]).toMatchObject({ alg: "ES256", d: expect.any(String) as string });
});

test("the operator's own secret is the only key for cookies", async () => {
  expect(await cookieKeys((await newStore()).keys, "x".repeat(32))).toEqual(["x".repeat(32)]);
});

test("a new key for cookies is taken before it signs, and the old one is taken while logins that it signed may go on", async () => {
  const { keys } = await newStore();
  onDay(1);
  const [old] = await cookieKeys(keys, undefined);
  onDay(30);
  const both = await cookieKeys(keys, undefined);
  expect(both).toHaveLength(2);
  expect(both[0]).toBe(old); // another process may not know the new one yet
  onDay(33);
  expect(await cookieKeys(keys, undefined)).toEqual(both.toReversed());
});
