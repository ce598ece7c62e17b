/** What the gateways of a service know of its sessions, as two of them see it at the same time. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test as plain } from "vitest";
import { openDatabase } from "./sqlite.ts";
import { NOBODY, SessionStore } from "./store.ts";

/** Two gateways' views of one file. */
const test = plain.extend<{ stores: readonly [SessionStore, SessionStore] }>({
  stores: async ({ onTestFinished }, use) => {
    const folder = mkdtempSync(join(tmpdir(), "store-"));
    const file = join(folder, "sessions.sqlite");
    const stores = [new SessionStore(file), new SessionStore(file)] as const;
    onTestFinished(() => {
      for (const store of stores) store.close();
      rmSync(folder, { recursive: true });
    });
    await use(stores);
  },
});

// As messages are held: one character a byte.
const initialize = Buffer.from('{"name":"Zoë"}').toString("latin1");
const session = { id: "s", owner: "a:1", principal: "ann", address: "192.0.2.7", version: "2025-11-25", initialize };

test("what one keeps the other finds, byte for byte", ({ stores: [one, other] }) => {
  one.add(session);
  one.setLogLevel("s", "level");
  for (const uri of ["a:", "b:"]) one.subscribe("s", uri, `request for ${uri}`);
  one.unsubscribe("s", "a:");
  const subscriptions = [{ uri: "b:", request: "request for b:" }];
  expect(other.find("s")).toMatchObject({ ...session, logLevel: "level", subscriptions });
  expect(other.find("t")).toBeUndefined();
});

test("of several that claim a session one gets it", ({ stores: [one, other] }) => {
  one.add(session);
  expect(other.claim("s", "a:1", "b:1")).toBe(true);
  expect(one.claim("s", "a:1", "c:1")).toBe(false);
  expect(one.find("s")?.owner).toBe("b:1");
});

test("a gateway leaves its own sessions to anybody, and those of others where they are", ({ stores: [one, other] }) => {
  one.add(session);
  one.add({ ...session, id: "t", owner: "b:1" });
  one.release("a:1");
  expect([other.find("s")?.owner, other.find("t")?.owner]).toEqual([NOBODY, "b:1"]);
  one.removeAll("b:1");
  expect(other.find("t")).toBeUndefined();
});

test("what nobody has used for long is removed with all that belongs to it", async ({ stores: [one, other] }) => {
  for (const id of ["s", "t"]) one.add({ ...session, id });
  one.subscribe("s", "a:", "request");
  await sleep(2_100);
  other.touch(["t"]);
  other.removeUnused(1_000);
  expect([one.find("s"), one.find("t")?.id]).toEqual([undefined, "t"]);
  one.add(session);
  expect(one.find("s")?.subscriptions).toEqual([]);
});

test("the one that executes is told to the others", ({ stores: [one, other] }) => {
  expect(other.serialLock).toBeUndefined();
  one.serialLock = "a:1";
  one.serialLock = "b:1";
  expect(other.serialLock).toBe("b:1");
});

plain(
  "a release goes on with a file to which a later one has added columns: it may be rolled back to",
  ({ onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), "store-"));
    const file = join(folder, "sessions.sqlite");
    new SessionStore(file).close();
    const later = openDatabase(file, 0);
    for (const table of ["sessions", "subscriptions", "executor"])
      later.exec(`ALTER TABLE ${table} ADD COLUMN later TEXT`);
    later.close();
    const store = new SessionStore(file);
    onTestFinished(() => {
      store.close();
      rmSync(folder, { recursive: true });
    });
    store.add(session);
    store.subscribe("s", "a:", "request");
    store.serialLock = "a:1";
    expect(store.find("s")).toMatchObject({ ...session, subscriptions: [{ uri: "a:", request: "request" }] });
    expect(store.serialLock).toBe("a:1");
  },
);
