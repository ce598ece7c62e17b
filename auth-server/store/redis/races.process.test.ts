/** Several processes do the same at once with one Redis. */
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../../../gateways/fixtures/free-port.ts";
import { startRacer, type Racer } from "../../fixtures/racer.ts";
import { redisIsMissing, RedisServer } from "../../fixtures/redis-server.ts";
import type { Store } from "../store.ts";
import { RedisStore } from "./store.ts";

const PROCESSES = 2;

const many = (tries: number, values: (at: number) => readonly unknown[]) =>
  Array.from({ length: tries }, (_, at) => values(at));

const newUser = (id: string, name: string) => ({
  id,
  name,
  teams: [],
  password: undefined,
  totp: undefined,
  created: 1,
});

describe.skipIf(redisIsMissing !== undefined)(`Redis: ${redisIsMissing ?? "of many tries of two processes"}`, () => {
  const running: (Racer | RedisServer)[] = [];
  let server: RedisServer;
  let store: RedisStore;
  /** Has each process make its share of the tries. @returns what they have given */
  let race: <Part extends keyof Store>(
    part: Part,
    method: keyof Store[Part],
    tries: readonly (readonly unknown[])[],
  ) => Promise<unknown[]>;

  beforeAll(async () => {
    server = new RedisServer(await freePort());
    running.push(server);
    await server.start();
    const racers = await Promise.all(Array.from({ length: PROCESSES }, () => startRacer(server.url)));
    running.unshift(...racers);
    race = async (part, method, tries) => {
      const shares = racers.map((_, own) => tries.filter((_values, at) => at % PROCESSES === own));
      const all = await Promise.all(
        racers.map((racer, own) => racer.race({ part, method: String(method), tries: shares[own]! })),
      );
      return all.flat();
    };
  });

  afterAll(async () => {
    for (const each of running) await each.stop();
  });

  beforeEach(() => {
    server.cli("flushall");
    store = new RedisStore({ url: server.url, password: undefined, prefix: "gangway:auth:" }, () => {});
    onTestFinished(() => store.close());
  });

  test("to use a code, one succeeds", async () => {
    await store.records.save("AuthorizationCode", "code", {
      payload: "{}",
      grantId: undefined,
      uid: undefined,
      expires: Date.now() / 1_000 + 60,
    });
    const used = await race(
      "records",
      "consume",
      many(50, (at) => ["AuthorizationCode", "code", at + 1]),
    );
    expect(used.filter(Boolean)).toEqual([true]);
  });

  test("to register the same client, all get the same", async () => {
    const metadata = { redirect_uris: ["https://client.example/callback"] };
    const added = await race(
      "clients",
      "add",
      many(20, (at) => [{ id: `id-${at}`, fingerprint: "same", metadata }]),
    );
    expect(new Set(added.map((client) => (client as { id: string }).id)).size).toBe(1);
    expect(await store.clients.list()).toHaveLength(1);
  });

  test("to use a link, one sets the password", async () => {
    await store.users.add(newUser("id", "ada"));
    await store.users.setLink("id", { digest: "link", expires: Date.now() + 60_000 });
    const used = await race(
      "users",
      "useLink",
      many(20, (at) => ["link", `hash-${at}`, Date.now()]),
    );
    const winner = used.flatMap((isFirst, at) => (isFirst ? [at] : []));
    expect(winner).toHaveLength(1);
    expect((await store.users.find("id"))!.password).toMatch(/^hash-\d+$/);
  });

  test("to log in for the first time with one identity, all are one user", async () => {
    const identity = { issuer: "https://issuer.example", subject: "1" };
    const found = await race(
      "users",
      "ofIdentity",
      many(20, (at) => [identity, newUser(`id-${at}`, "ada")]),
    );
    expect(new Set(found.map((user) => (user as { id: string }).id)).size).toBe(1);
    expect(await store.users.list()).toHaveLength(1);
  });

  test("to end grants, each is told once, with numbers that grow", async () => {
    const grant = { account: "ada", client: "c", clientName: "C", redirectUri: "https://c.example/", scope: "memory" };
    const more = { resource: "https://memory.example.org/mcp", address: undefined };
    await Promise.all(
      Array.from({ length: 10 }, (_, at) => store.grants.add({ id: `grant-${at}`, ...grant, ...more })),
    );
    await race(
      "grants",
      "end",
      many(40, (at) => [`grant-${at % 10}`]),
    );
    const told = await store.revocations.after(0);
    expect(new Set(told.map(({ grant: id }) => id)).size).toBe(10);
    expect(told).toHaveLength(10);
    expect(told.map(({ number }) => number)).toEqual(told.map(({ number }) => number).toSorted((a, b) => a - b));
  });
});
