import { expect, test } from "vitest";
import { Logins } from "./logins.ts";

const HOUR = 3_600_000;

test("a login is found by what its cookie holds, and by nothing else", () => {
  const logins = new Logins();
  const id = logins.open("token", 0);
  expect(id).toMatch(/^[\w-]{43}$/);
  expect(logins.find(id, 1)).toMatchObject({ token: "token" });
  for (const other of [undefined, "", "x", id.slice(1), `${id}x`]) expect(logins.find(other, 1)).toBeUndefined();
});

test("each has a proof of its own, which is not its id", () => {
  const logins = new Logins();
  const ids = [logins.open("token"), logins.open("token")];
  const proofs = ids.map((id) => logins.find(id)!.csrf);
  expect(new Set([...ids, ...proofs]).size).toBe(4);
});

test("it ends after an hour without use, and after twelve hours of use", () => {
  const logins = new Logins();
  const idle = logins.open("token", 0);
  const used = logins.open("token", 0);
  for (let hour = 0.5; hour <= 12; hour += 0.5) expect(logins.find(used, hour * HOUR)).toBeDefined();
  expect(logins.find(used, 12 * HOUR + 1)).toBeUndefined();
  expect(logins.find(idle, HOUR + 1)).toBeUndefined();
  expect(logins.size).toBe(0);
});

test("when it ends, whoever holds a stream of it is told", () => {
  const logins = new Logins();
  const [one, other] = [logins.open("token"), logins.open("token")];
  const ended: string[] = [];
  for (const [name, id] of Object.entries({ one, other })) logins.find(id)!.onEnd.add(() => ended.push(name));
  logins.end(one);
  logins.end(one);
  expect(ended).toEqual(["one"]);
});

test("there are at most a thousand: the one that was used longest ago makes room", () => {
  const logins = new Logins();
  const ids = Array.from({ length: 1_000 }, (_, at) => logins.open("token", at));
  logins.find(ids[0], 2_000);
  for (let more = 0; more < 10; more++) logins.open("token", 3_000 + more);
  expect(logins.size).toBe(1_000);
  expect(ids.slice(0, 12).map((id) => logins.find(id, 3_100) !== undefined)).toEqual([
    true,
    ...Array.from({ length: 10 }, () => false),
    true,
  ]);
});
