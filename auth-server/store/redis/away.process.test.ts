/** A Redis that is away, or cannot do its work: whoever asks is told so soon, and nothing is left to do when it is back. */
import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "../../../gateways/fixtures/harness.ts";
import { redisIsMissing, startRedis, type RedisServer } from "../../fixtures/redis-server.ts";
import { StoreAway, StoreRefused } from "../store.ts";
import { RedisStore } from "./store.ts";

/** Milliseconds after which an answer is late: two seconds, and what a busy machine takes. */
const SOON = 5_000;

function storeAt({ url }: Pick<RedisServer, "url">, password?: string) {
  const told: string[] = [];
  const store = new RedisStore({ url, password, prefix: "gangway:auth:" }, (text) => void told.push(text));
  onTestFinished(() => store.close());
  return { store, told };
}

async function startStore(settings: Readonly<Record<string, string>> = {}) {
  const server = await startRedis(settings);
  const { store, told } = storeAt(server);
  await store.isThere();
  return { server, store, told };
}

/** What a promise fails with, soon. */
async function failure(promise: Promise<unknown>): Promise<Error> {
  const begun = performance.now();
  const error = await promise.then(
    () => new Error("it has succeeded"),
    (reason: unknown) => reason as Error,
  );
  expect(performance.now() - begun).toBeLessThan(SOON);
  return error;
}

/** What the log says of a failure. */
async function reason(promise: Promise<unknown>): Promise<string> {
  const error = await failure(promise);
  expect(error).toBeInstanceOf(StoreAway);
  return (error.cause as Error).message;
}

const isBack = (store: RedisStore) =>
  until("it is back", () =>
    store.isThere().then(
      () => true,
      () => false,
    ),
  );

const record = { payload: "{}", grantId: undefined, uid: undefined, expires: undefined };

describe.skipIf(redisIsMissing !== undefined)(`Redis: ${redisIsMissing ?? "a Redis server"}`, () => {
  const endings: [string, (server: RedisServer) => Promise<void>][] = [
    ["stopped", (server) => server.stop("SIGTERM")],
    ["killed", (server) => server.stop("SIGKILL")],
  ];

  test.each(endings)("that is %s and started again has kept what it was told", async (_, end) => {
    const { server, store, told } = await startStore();
    await store.records.save("Interaction", "login", record);
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // it writes once a second
    await end(server);
    expect(await reason(store.records.find("Interaction", "login"))).toMatch(/^redis:\/\/127\.0\.0\.1:\d+: /);
    expect(await reason(store.isThere())).toMatch(/ECONNREFUSED|closed/);
    await server.start();
    await isBack(store);
    expect(await store.records.find("Interaction", "login")).toMatchObject({ payload: "{}" });
    expect(told.map((text) => text.split(":")[0])).toEqual(["Redis is away", "Redis is back"]);
  });

  test("that is away for a moment is waited for", async () => {
    const { server, store } = await startStore();
    await server.stop();
    const found = store.records.find("Interaction", "login");
    await server.start();
    expect(await found).toBeUndefined();
  });

  test("that answers nothing fails everybody within seconds, and none waits for what others wait for", async () => {
    const { server, store } = await startStore();
    server.pause(true);
    onTestFinished(() => server.pause(false));
    const all = Array.from({ length: 20 }, () => reason(store.records.find("Interaction", "login")));
    expect((await Promise.all(all))[0]).toMatch(/did not answer within 2 seconds/);
    expect(await reason(store.records.find("Interaction", "login"))).toMatch(/did not answer|not ready/);
    server.pause(false);
    await isBack(store);
    expect(await store.records.find("Interaction", "login")).toBeUndefined();
  });

  test("is not away because this process was busy for longer than an answer may take", async () => {
    const { store, told } = await startStore();
    const found = Promise.all(Array.from({ length: 20 }, () => store.records.find("Interaction", "login")));
    const begun = performance.now();
    while (performance.now() - begun < 2_500);
    expect(new Set(await found)).toEqual(new Set([undefined]));
    expect(told).toEqual([]);
  });

  test("that is full takes no login, but answers and forgets; what was half a step is none", async () => {
    const { server, store } = await startStore();
    await store.records.save("Grant", "grant", record);
    await store.records.save("AccessToken", "token", { ...record, grantId: "grant" });
    server.cli("config", "set", "maxmemory", "100kb");
    expect(await reason(store.records.save("Interaction", "login", record))).toMatch(/OOM/);
    expect(await reason(store.grants.end("grant"))).toMatch(/OOM/);
    expect(await store.records.find("AccessToken", "token")).toBeDefined();
    expect(await store.revocations.after(0)).toEqual([]);
    expect(await reason(store.isThere())).toMatch(/OOM/);
    server.cli("config", "set", "maxmemory", "0");
    await store.grants.end("grant");
    expect(await store.records.find("AccessToken", "token")).toBeUndefined();
  });

  test("that has become a replica takes no login, until it is a master again", async () => {
    const { server, store } = await startStore();
    server.cli("replicaof", "127.0.0.1", "1");
    expect(await reason(store.records.save("Interaction", "login", record))).toMatch(/READONLY|closed/);
    server.cli("replicaof", "no", "one");
    await isBack(store);
    expect(await store.records.save("Interaction", "login", record)).toBe(true);
  });

  test.each([
    ["no password", undefined],
    ["a wrong one", "wrong"],
  ])("that wants a password refuses %s at once", async (_, password) => {
    const server = await startRedis({ requirepass: "the-right-one" });
    const error = await failure(storeAt(server, password).store.isThere());
    expect(error).toBeInstanceOf(StoreRefused);
    expect(error.message).toMatch(/NOAUTH|WRONGPASS/);
    expect(error.message).not.toContain("the-right-one");
    const { store } = storeAt(server, "the-right-one");
    await store.isThere();
  });

  test.each(["allkeys-lru", "volatile-ttl"])("that would throw logins away (%s) is refused", async (policy) => {
    const server = await startRedis({ maxmemory: "64mb", "maxmemory-policy": policy });
    const error = await failure(storeAt(server).store.isThere());
    expect(error).toBeInstanceOf(StoreRefused);
    expect(error.message).toContain(`maxmemory-policy ${policy}`);
    expect(error.message).toContain("set maxmemory-policy noeviction");
  });

  test("that loses what a crash takes is used, and said so once it is looked at", async () => {
    const { told } = await startStore({ appendonly: "no" });
    expect(told).toEqual([expect.stringContaining("set appendonly yes")]);
  });

  test("that is loading what it has kept is away as long as that takes", async () => {
    const { server, store } = await startStore({ appendonly: "no", save: "3600 1" });
    await Promise.all(Array.from({ length: 200 }, (_, at) => store.records.save("Session", `login ${at}`, record)));
    await server.stop();
    await server.start({
      appendonly: "no",
      "key-load-delay": "10000",
      "loading-process-events-interval-bytes": "1024",
    });
    expect(await reason(store.records.find("Session", "login 1"))).toMatch(/loading/i);
    await isBack(store);
    expect(await store.records.find("Session", "login 199")).toBeDefined();
  });

  test("that is not there yet is waited for by whoever asks again", async () => {
    const server = await startRedis();
    await server.stop();
    const { store, told } = storeAt(server);
    expect(await reason(store.isThere())).toMatch(/ECONNREFUSED/);
    await server.start();
    await isBack(store);
    expect(told).toEqual([]);
  });

  test("that has forgotten all scripts is told them again", async () => {
    const { server, store } = await startStore();
    await store.records.save("Interaction", "one", record);
    server.cli("script", "flush");
    expect(await store.records.save("Interaction", "two", record)).toBe(true);
  });

  test("that has lost everything goes on with later numbers of revocations", async () => {
    const { server, store } = await startStore();
    await store.records.removeOfGrant("AccessToken", "first");
    const last = await store.revocations.last();
    server.cli("flushall");
    expect(await store.revocations.after(last)).toEqual([]);
    await store.records.removeOfGrant("AccessToken", "next");
    expect(await store.revocations.after(last)).toMatchObject([{ grant: "next" }]);
  });

  test("is left alone by a store that is closed, whatever the server does", async () => {
    const { server, store, told } = await startStore();
    const saved = store.records.save("Interaction", "login", record);
    await store.close();
    expect(await saved).toBe(true);
    expect(
      server
        .cli("client", "list")
        .split("\n")
        .filter((line) => line.includes("gangway-auth")),
    ).toEqual([]);
    expect(await reason(store.isThere())).toMatch(/closed/);
    expect(told).toEqual([]);
  });
});
