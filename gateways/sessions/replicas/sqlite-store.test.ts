/** What the gateways of a service know of its sessions, as two of them see it at the same time. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test as plain } from "vitest";
import { openDatabase } from "./sqlite.ts";
import { SqliteStore } from "./sqlite-store.ts";
import { NOBODY } from "./store.ts";

/** Two gateways' views of one file. */
const test = plain.extend<{ stores: readonly [SqliteStore, SqliteStore] }>({
  stores: async ({ onTestFinished }, use) => {
    const folder = mkdtempSync(join(tmpdir(), "store-"));
    const file = join(folder, "sessions.sqlite");
    const stores = [new SqliteStore(file), new SqliteStore(file)] as const;
    onTestFinished(async () => {
      for (const store of stores) await store.close();
      rmSync(folder, { recursive: true });
    });
    await use(stores);
  },
});

// As messages are held: one character a byte.
const initialize = Buffer.from('{"name":"Zoë"}').toString("latin1");
const session = { id: "s", owner: "a:1", principal: "ann", address: "192.0.2.7", version: "2025-11-25", initialize };

test("a session that one gateway keeps is found by the other, byte for byte", async ({ stores: [one, other] }) => {
  await one.add(session);
  await one.setLogLevel("s", "level");
  for (const uri of ["a:", "b:"]) await one.subscribe("s", uri, `request for ${uri}`);
  await one.unsubscribe("s", "a:");
  const subscriptions = [{ uri: "b:", request: "request for b:" }];
  expect(await other.find("s")).toMatchObject({ ...session, logLevel: "level", subscriptions });
  expect(await other.find("t")).toBeUndefined();
});

test("when several claim a session, one gets it", async ({ stores: [one, other] }) => {
  await one.add(session);
  expect(await other.claim("s", "a:1", "b:1")).toBe(true);
  expect(await one.claim("s", "a:1", "c:1")).toBe(false);
  expect((await one.find("s"))?.owner).toBe("b:1");
});

test("a gateway releases its own sessions, and no others", async ({ stores: [one, other] }) => {
  await one.add(session);
  await one.add({ ...session, id: "t", owner: "b:1" });
  await one.release("a:1");
  expect([(await other.find("s"))?.owner, (await other.find("t"))?.owner]).toEqual([NOBODY, "b:1"]);
  await one.removeAll("b:1");
  expect(await other.find("t")).toBeUndefined();
});

test("a session that has long been unused is removed with all that belongs to it", async ({ stores: [one, other] }) => {
  for (const id of ["s", "t"]) await one.add({ ...session, id });
  await one.subscribe("s", "a:", "request");
  await sleep(2_100);
  await other.touch(["t"]);
  await other.removeUnused(1_000);
  expect([await one.find("s"), (await one.find("t"))?.id]).toEqual([undefined, "t"]);
  await one.add(session);
  expect((await one.find("s"))?.subscriptions).toEqual([]);
});

test("the others learn who holds the serial lock", async ({ stores: [one, other] }) => {
  expect(await other.lockHolder()).toBeUndefined();
  await one.setLockHolder("a:1");
  await one.setLockHolder("b:1");
  expect(await other.lockHolder()).toBe("b:1");
});

test("writes take effect in order, even when nobody waits for them", async ({ stores: [one, other] }) => {
  const writes = [one.add(session), one.claim("s", "a:1", "b:1"), one.release("b:1")];
  expect((await other.find("s"))?.owner).toBe(NOBODY);
  await Promise.all(writes);
});

plain(
  "a release can use a file to which a later one has added columns, so it can be rolled back to",
  async ({ onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), "store-"));
    const file = join(folder, "sessions.sqlite");
    await new SqliteStore(file).close();
    const later = openDatabase(file, 0);
    for (const table of ["sessions", "subscriptions", "executor"])
      later.exec(`ALTER TABLE ${table} ADD COLUMN later TEXT`);
    later.close();
    const store = new SqliteStore(file);
    onTestFinished(async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    });
    await store.add(session);
    await store.subscribe("s", "a:", "request");
    await store.setLockHolder("a:1");
    expect(await store.find("s")).toMatchObject({ ...session, subscriptions: [{ uri: "a:", request: "request" }] });
    expect(await store.lockHolder()).toBe("a:1");
  },
);
