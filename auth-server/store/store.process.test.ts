/** What every store does, whatever keeps it. Two of them on the same place are two processes. */
import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { moveClock } from "../fixtures/clock.ts";
import { kinds, type Place } from "../fixtures/stores.ts";
import type { NewClient } from "./contract/clients.ts";
import { KEPT_REVOCATIONS, USED_AGAIN, type NewGrant } from "./contract/grants.ts";
import { MOST_REFRESH_TOKENS, type NewRecord } from "./contract/records.ts";
import type { AddedUser } from "./contract/users.ts";
import type { Store } from "./store.ts";

const HOUR = 3_600;
const DAY = 86_400;
const seconds = () => Date.now() / 1_000;

const record = (more: Partial<NewRecord> = {}): NewRecord => ({
  payload: '{"a":"ä \\u0001"}',
  grantId: undefined,
  uid: undefined,
  expires: seconds() + HOUR,
  ...more,
});

const grant = (id: string, more: Partial<NewGrant> = {}): NewGrant => ({
  id,
  account: "ada",
  client: "client",
  clientName: "Client",
  redirectUri: "https://client.example/callback",
  resource: "https://memory.example.org/mcp",
  scope: "memory",
  address: "192.0.2.1",
  ...more,
});

const client = (id: string, fingerprint = id): NewClient => ({
  id,
  fingerprint,
  metadata: { redirect_uris: ["https://client.example/callback"], client_name: "Client" },
});

const user = (name: string, more: Partial<AddedUser> = {}): AddedUser => ({
  id: randomUUID(),
  name,
  teams: ["ops", "dev"],
  password: undefined,
  totp: undefined,
  created: 1_000,
  ...more,
});

/** Numbers of what has come of many tries. */
const count = async (tries: readonly Promise<unknown>[]) => (await Promise.all(tries)).filter(Boolean).length;

/** The same in both processes, many times at once. */
const race = <T>(what: (store: Store, at: number) => Promise<T>): Promise<T>[] =>
  Array.from({ length: 10 }, (_, at) => what(at % 2 === 0 ? store : other, at));

let place: Place;
let store: Store;
let other: Store;

/** A grant with its record, as a login makes it. */
async function newGrant(id: string, more: Partial<NewGrant> = {}): Promise<void> {
  await store.grants.add(grant(id, more));
  await store.records.save("Grant", id, record({ expires: seconds() + 10 * HOUR }));
}

async function newUser(name: string, more: Partial<AddedUser> = {}): Promise<string> {
  const added = user(name, more);
  expect(await store.users.add(added)).toBe(true);
  return added.id;
}

const hasRefreshToken = async (key: string) => (await other.records.find("RefreshToken", key)) !== undefined;

const documentUrl = (at: number) => `https://client.example/${at}.json`;

const asked = (of: string) => ({ user: of, client: "c:1 x", redirect: "https://c.example/", resource: "r" });

const inTwoHours = () => Date.now() + 7_200_000;

describe.each(kinds)("$name", ({ missing, make }) => {
  describe.skipIf(missing !== undefined)(`keeps${missing === undefined ? "" : ` (${missing})`}`, () => {
    beforeEach(async () => {
      place = await make();
      store = await place.open();
      other = await place.open();
      await store.isThere();
    });

    describe("records", () => {
      test("are found as they were kept, by model, and by uid where they have one", async () => {
        const { payload } = record();
        expect(await store.records.save("Session", "key", record({ uid: "uid" }))).toBe(true);
        expect(await other.records.find("Session", "key")).toEqual({ payload, consumed: undefined });
        expect(await other.records.findByUid("Session", "uid")).toEqual({ payload, consumed: undefined });
        expect(await store.records.find("Interaction", "key")).toBeUndefined();
        expect(await store.records.findByUid("Interaction", "uid")).toBeUndefined();
        expect(await count(race((each) => each.records.remove("Session", "key")))).toBe(1);
        expect(await other.records.find("Session", "key")).toBeUndefined();
        expect(await other.records.findByUid("Session", "uid")).toBeUndefined();
      });

      test("take the place of earlier ones, also with another uid, and without an end", async () => {
        await store.records.save("Session", "key", record({ uid: "one" }));
        await store.records.save("Session", "key", record({ uid: "two", payload: "{}", expires: undefined }));
        expect(await store.records.findByUid("Session", "one")).toBeUndefined();
        expect(await store.records.findByUid("Session", "two")).toMatchObject({ payload: "{}" });
      });

      test("that have expired are not there", async () => {
        await store.records.save("Session", "gone", record({ uid: "uid", expires: seconds() - 1 }));
        expect(await store.records.find("Session", "gone")).toBeUndefined();
        expect(await store.records.findByUid("Session", "uid")).toBeUndefined();
        await store.records.save("Session", "soon", record({ expires: seconds() + 60 }));
        expect(await store.records.find("Session", "soon")).toBeDefined();
        moveClock(61);
        expect(await store.records.find("Session", "soon")).toBeUndefined();
      });

      test("are consumed once, keep the time of it, and stay consumed when they are written again", async () => {
        await newGrant("grant");
        await store.records.save("AuthorizationCode", "code", record({ grantId: "grant" }));
        expect(await count(race((each, at) => each.records.consume("AuthorizationCode", "code", 5.5 + at)))).toBe(1);
        const { consumed } = (await store.records.find("AuthorizationCode", "code"))!;
        expect([...Array(10).keys()].map((at) => 5.5 + at)).toContain(consumed);
        await store.records.save("AuthorizationCode", "code", record({ grantId: "grant", payload: "{}" }));
        expect(await store.records.find("AuthorizationCode", "code")).toEqual({ payload: "{}", consumed });
        expect(await store.records.consume("AuthorizationCode", "nothing", 1)).toBe(false);
      });

      test("of a session end by its uid", async () => {
        await store.records.save("Session", "one", record({ uid: "one" }));
        await store.records.save("Session", "two", record({ uid: "two" }));
        await store.records.save("Interaction", "one", record({ uid: "one" }));
        await other.records.endSession("one");
        await other.records.endSession("nothing");
        expect(await store.records.find("Session", "one")).toBeUndefined();
        expect(await store.records.find("Session", "two")).toBeDefined();
        expect(await store.records.find("Interaction", "one")).toBeDefined();
      });

      test.each(["AuthorizationCode", "AccessToken", "RefreshToken"])("of %s need a grant", async (model) => {
        expect(await store.records.save(model, "key", record({ grantId: "nothing" }))).toBe(false);
        expect(await store.records.find(model, "key")).toBeUndefined();
        expect(await store.records.save(model, "key", record())).toBe(true);
        expect(await store.records.save("Interaction", "key", record({ grantId: "nothing" }))).toBe(true);
      });

      test("of refresh tokens that nobody has used are so many, and used ones stay", async () => {
        await newGrant("grant");
        await newGrant("another");
        const save = (key: string, at: number, grantId: string) =>
          store.records.save("RefreshToken", key, record({ grantId, expires: seconds() + HOUR + at }));
        await save("used", 0, "grant");
        await store.records.consume("RefreshToken", "used", 1);
        await save("another", 0, "another");
        for (let at = 1; at <= MOST_REFRESH_TOKENS + 3; at++) await save(`token-${at}`, at, "grant");
        expect(await Promise.all(["used", "another", "token-3", "token-4"].map(hasRefreshToken))).toEqual([
          true,
          true,
          false,
          true,
        ]);
      });

      test("of a model end with their grant, which is told", async () => {
        await newGrant("grant");
        await store.records.save("AccessToken", "token", record({ grantId: "grant" }));
        await store.records.save("RefreshToken", "refresh", record({ grantId: "grant" }));
        await store.records.removeOfGrant("AccessToken", "grant");
        expect(await store.records.find("AccessToken", "token")).toBeUndefined();
        expect(await store.records.find("RefreshToken", "refresh")).toBeDefined();
        expect(await other.revocations.after(0)).toMatchObject([{ grant: "grant", account: "ada", client: "client" }]);
      });

      test("of an access token that is removed is told; of nothing else", async () => {
        await newGrant("grant");
        for (const model of ["AccessToken", "RefreshToken"])
          await store.records.save(model, "token", record({ grantId: "grant" }));
        await store.records.remove("RefreshToken", "token");
        await store.records.remove("AccessToken", "nothing");
        expect(await other.revocations.after(0)).toEqual([]);
        await store.records.remove("AccessToken", "token");
        expect(await other.revocations.after(0)).toMatchObject([{ grant: "grant", account: "ada" }]);
      });
    });

    describe("grants", () => {
      test("are found as they were noted, and listed by user and client, the newest first", async () => {
        moveClock(-100);
        await newGrant("old");
        moveClock(-50);
        await newGrant("new", { account: "bob", clientName: undefined, address: undefined });
        const found = (await other.grants.find("new"))!;
        expect(found).toMatchObject(grant("new", { account: "bob", clientName: undefined, address: undefined }));
        expect(found.used).toBe(found.created);
        const ids = async (only = {}) => (await other.grants.list(only)).map(({ id }) => id);
        expect(await ids()).toEqual(["new", "old"]);
        expect(await ids({ account: "ada" })).toEqual(["old"]);
        expect(await ids({ client: "client" })).toEqual(["new", "old"]);
        expect(await ids({ client: "client", account: "bob" })).toEqual(["new"]);
        expect(await ids({ client: "nothing" })).toEqual([]);
        expect(await other.grants.find("nothing")).toBeUndefined();
      });

      test("note when they are used, once a minute, also when a token is issued", async () => {
        const back = moveClock(-HOUR);
        await newGrant("grant");
        const before = (await store.grants.find("grant"))!;
        back();
        await store.grants.touch({ id: "grant", used: Math.floor(seconds()) - USED_AGAIN + 5 });
        expect((await other.grants.find("grant"))!.used).toBe(before.used);
        await store.grants.touch(before);
        expect((await other.grants.find("grant"))!.used).toBeGreaterThan(before.used);
        await store.grants.touch({ id: "nothing", used: 0 });
        expect(await store.grants.find("nothing")).toBeUndefined();
        moveClock(HOUR);
        await store.records.save("AccessToken", "token", record({ grantId: "grant" }));
        expect((await other.grants.find("grant"))!.used).toBeGreaterThan(seconds() - 10);
      });

      test("end with every record of theirs, once, and tell it with whose they were", async () => {
        await newGrant("grant");
        await newGrant("another", { account: "bob" });
        for (const grantId of ["grant", "another"])
          for (const model of ["AccessToken", "RefreshToken", "AuthorizationCode"])
            await store.records.save(model, `${model} ${grantId}`, record({ grantId }));
        expect(await count(race((each) => each.grants.end("grant")))).toBe(1);
        expect(await store.grants.find("grant")).toBeUndefined();
        expect(await store.records.find("Grant", "grant")).toBeUndefined();
        for (const model of ["AccessToken", "RefreshToken", "AuthorizationCode"]) {
          expect(await store.records.find(model, `${model} grant`)).toBeUndefined();
          expect(await store.records.find(model, `${model} another`)).toBeDefined();
          expect(await store.records.save(model, "late", record({ grantId: "grant" }))).toBe(false);
        }
        expect(await other.revocations.after(0)).toMatchObject([{ grant: "grant", account: "ada", client: "client" }]);
        expect(await store.grants.end("nothing")).toBeUndefined();
        expect(await other.revocations.after(0)).toHaveLength(1);
      });

      test("that have no more than a record end, too", async () => {
        await store.records.save("Grant", "grant", record());
        expect(await store.grants.end("grant")).toBeUndefined();
        expect(await store.records.find("Grant", "grant")).toBeUndefined();
        expect(await store.revocations.after(0)).toMatchObject([{ grant: "grant", account: null, client: null }]);
      });

      test("of a user, or of a client, end together; each is ended by one", async () => {
        for (const id of ["a", "b", "c"]) await newGrant(id);
        await newGrant("d", { account: "bob", client: "second" });
        const ended = (await Promise.all(race((each) => each.grants.endAll({ account: "ada" })))).flat();
        expect(ended.map(({ id }) => id).toSorted()).toEqual(["a", "b", "c"]);
        expect(await store.grants.endAll({ client: "second" })).toMatchObject([{ id: "d", account: "bob" }]);
        expect(await store.grants.endAll({ account: "ada" })).toEqual([]);
        expect(await other.grants.list()).toEqual([]);
      });

      test("are swept when their record has gone, and not before it has come", async () => {
        await store.grants.add(grant("alone"));
        await newGrant("whole");
        await store.sweep();
        expect(await store.grants.list()).toHaveLength(2);
        moveClock(600);
        await store.sweep();
        expect((await store.grants.list()).map(({ id }) => id)).toEqual(["whole"]);
        moveClock(20 * HOUR);
        await store.sweep();
        expect(await store.grants.list()).toEqual([]);
      });
    });

    describe("revocations", () => {
      test("have numbers that grow, in the order in which they were told, whoever tells", async () => {
        expect([await store.revocations.last(), await store.revocations.after(0)]).toEqual([0, []]);
        for (let at = 0; at < 10; at++) await newGrant(`grant-${at}`);
        await Promise.all(race((each, at) => each.grants.end(`grant-${at}`)));
        const all = await store.revocations.after(0);
        const numbers = all.map(({ number }) => number);
        expect(new Set(numbers).size).toBe(10);
        expect(numbers).toEqual(numbers.toSorted((one, next) => one - next));
        expect(await other.revocations.last()).toBe(numbers.at(-1));
        expect(await other.revocations.after(numbers[6]!)).toEqual(all.slice(7));
        expect(await other.revocations.after(numbers[9]!)).toEqual([]);
      });

      test("are forgotten after an hour, and their numbers go on", async () => {
        await newGrant("grant");
        const back = moveClock(-KEPT_REVOCATIONS - 10);
        await store.grants.end("grant");
        const last = await store.revocations.last();
        back();
        await store.sweep();
        expect(await store.revocations.after(0)).toEqual([]);
        await newGrant("next");
        await store.grants.end("next");
        expect((await store.revocations.after(0))[0]!.number).toBeGreaterThan(last);
      });
    });

    describe("clients", () => {
      test("that tell the same at once are one", async () => {
        const added = await Promise.all(race((each, at) => each.clients.add(client(`id-${at}`, "same"))));
        expect(new Set(added.map(({ id }) => id)).size).toBe(1);
        const [first] = added;
        expect(first).toMatchObject({ metadata: client("x").metadata, used: undefined });
        expect(await other.clients.find(first!.id)).toEqual(first);
        expect(await other.clients.ofFingerprint("same")).toEqual(first);
        expect(await other.clients.list()).toEqual([first]);
        await store.clients.remove(first!.id);
        expect([await other.clients.find(first!.id), await other.clients.ofFingerprint("same")]).toEqual([
          undefined,
          undefined,
        ]);
        expect((await store.clients.add(client("new", "same"))).id).toBe("new");
      });

      test("are listed, the newest first, and note that somebody has logged in", async () => {
        moveClock(-100);
        await store.clients.add(client("old"));
        moveClock(-50);
        await store.clients.add(client("new"));
        await newGrant("grant", { client: "old" });
        await newGrant("elsewhere", { client: "https://client.example/client.json" });
        const listed = await other.clients.list();
        expect(listed.map(({ id }) => id)).toEqual(["new", "old"]);
        expect([listed[0]!.used, listed[1]!.used! > listed[1]!.created]).toEqual([undefined, true]);
        expect(await other.clients.find("https://client.example/client.json")).toBeUndefined();
      });

      test("that nobody uses are forgotten; those with a grant stay", async () => {
        let back = moveClock(-181 * DAY);
        await store.clients.add(client("idle"));
        await newGrant("grant", { client: "idle" });
        await store.clients.add(client("granted"));
        await newGrant("kept", { client: "granted" });
        back();
        back = moveClock(-8 * DAY);
        await store.clients.add(client("unused"));
        await store.clients.add(client("used"));
        await newGrant("ended", { client: "used" });
        back();
        for (const id of ["grant", "kept"])
          await store.records.save("Grant", id, record({ expires: seconds() + 10 * HOUR }));
        await store.clients.add(client("new"));
        for (const id of ["grant", "ended"]) await store.grants.end(id);
        await store.sweep();
        expect((await store.clients.list()).map(({ id }) => id).toSorted()).toEqual(["granted", "new", "used"]);
        expect(await store.clients.ofFingerprint("idle")).toBeUndefined();
      });
    });

    describe("documents", () => {
      test("are kept in the place of earlier ones, and listed, the latest first", async () => {
        moveClock(-100);
        await store.documents.keep("https://a.example/x", '{"client_name":"A"}');
        await store.documents.keep("https://b.example/x", "{}");
        moveClock(-50);
        await store.documents.keep("https://b.example/x", '{"client_id":"b"}');
        expect(await other.documents.find("https://b.example/x")).toBe('{"client_id":"b"}');
        expect(await other.documents.find("https://c.example/x")).toBeUndefined();
        expect(await other.documents.list()).toMatchObject([
          { url: "https://b.example/x", name: null },
          { url: "https://a.example/x", name: "A" },
        ]);
      });

      test("of any number fill no disk, old ones go, and those that are in use stay", async () => {
        let back = moveClock(-31 * DAY);
        await store.documents.keep("https://old.example/x", "{}");
        back();
        back = moveClock(-60);
        for (const at of [0, 1]) await store.documents.keep(documentUrl(at), "{}");
        back();
        await Promise.all(Array.from({ length: 2_000 }, (_, at) => store.documents.keep(documentUrl(at + 2), "{}")));
        await newGrant("grant", { client: documentUrl(0) });
        await store.sweep();
        const urls = (await store.documents.list()).map(({ url }) => url);
        expect(urls).toHaveLength(2_001);
        expect([urls.includes(documentUrl(0)), urls.includes(documentUrl(1))]).toEqual([true, false]);
        expect(await store.documents.find("https://old.example/x")).toBeUndefined();
      });
    });

    test("keys on which two processes agree, and which are listed, the newest first", async () => {
      const kept = await Promise.all(race((each, at) => each.keys.keep("signing", `value-${at}`)));
      expect(new Set(kept).size).toBe(1);
      moveClock(-100);
      await store.keys.keep("cookie 1", "one");
      moveClock(-50);
      await store.keys.keep("cookie 2", "two");
      expect((await other.keys.list("cookie ", 5)).map(({ value }) => value)).toEqual(["two", "one"]);
      expect(await other.keys.list("cookie ", 1)).toMatchObject([{ name: "cookie 2", value: "two" }]);
    });

    describe("users", () => {
      test("are found as they were added, by id and by name, and listed by name", async () => {
        const bob = await newUser("bob", { password: "hash", totp: "SECRET" });
        await newUser("ada");
        const found = {
          id: bob,
          name: "bob",
          teams: ["ops", "dev"],
          password: "hash",
          totp: { secret: "SECRET", isConfirmed: false, step: 0 },
          created: 1_000,
          changed: 1_000,
          lastLogin: undefined,
          isDisabled: false,
        };
        expect([await other.users.find(bob), await other.users.named("bob")]).toEqual([found, found]);
        expect(await store.users.named("ada")).toMatchObject({ password: undefined, totp: undefined });
        expect((await other.users.list()).map(({ name }) => name)).toEqual(["ada", "bob"]);
        expect([await store.users.find("x"), await store.users.named("x")]).toEqual([undefined, undefined]);
      });

      test("have one name each, whoever adds at the same time", async () => {
        expect(await count(race((each) => each.users.add(user("ada"))))).toBe(1);
        expect(await store.users.list()).toHaveLength(1);
      });

      test("go with all that is theirs, and leave the name to another one", async () => {
        const id = await newUser("ada", { totp: "SECRET" });
        await store.users.setRecoveryCodes(id, ["code"]);
        await store.users.setLink(id, { digest: "link", expires: 9e12 });
        await store.users.ofIdentity({ issuer: "github", subject: "1" }, user("ada"));
        expect(await other.users.remove(id)).toBe(true);
        expect(await other.users.remove(id)).toBe(false);
        expect(await store.users.find(id)).toBeUndefined();
        expect(await store.users.ofLink("link", 0)).toBeUndefined();
        expect(await store.users.useRecoveryCode(id, "code")).toBe(false);
        const again = await newUser("ada");
        expect((await store.users.ofIdentity({ issuer: "github", subject: "2" }, user("ada")))!.id).toBe(again);
      });

      test("who are not there keep nothing", async () => {
        await store.users.setDisabled("gone", true);
        await store.users.setLastLogin("gone", 1);
        await store.users.setLink("gone", { digest: "link", expires: 9e12 });
        await store.users.setRecoveryCodes("gone", ["code"]);
        expect(await store.users.reset("gone", { password: "hash", totp: undefined, at: 1 })).toBeUndefined();
        expect(await store.users.find("gone")).toBeUndefined();
        expect(await store.users.useRecoveryCode("gone", "code")).toBe(false);
        expect(await store.users.useLink("link", "hash", 1)).toBe(false);
        expect(await store.users.list()).toEqual([]);
      });

      test("are reset: password, app, recovery codes and link are gone", async () => {
        const id = await newUser("ada", { password: "hash", totp: "SECRET" });
        await store.users.setRecoveryCodes(id, ["code"]);
        await store.users.setLink(id, { digest: "link", expires: 9e12 });
        await store.users.useTotpStep(id, "SECRET", 5);
        const reset = await other.users.reset(id, { password: "other", totp: "NEW", at: 2_000 });
        const totp = { secret: "NEW", isConfirmed: false, step: 0 };
        expect(reset).toMatchObject({ id, password: "other", totp, changed: 2_000, created: 1_000 });
        expect(await store.users.find(id)).toEqual(reset);
        expect(await store.users.useRecoveryCode(id, "code")).toBe(false);
        expect(await store.users.ofLink("link", 0)).toBeUndefined();
        expect(await store.users.useTotpStep(id, "SECRET", 6)).toBe(false);
        expect(await store.users.reset(id, { password: undefined, totp: undefined, at: 3_000 })).toMatchObject({
          password: undefined,
          totp: undefined,
        });
      });

      test("are disabled and enabled, and have logged in", async () => {
        const id = await newUser("ada");
        await store.users.setDisabled(id, true);
        await store.users.setLastLogin(id, 5_000);
        expect(await other.users.find(id)).toMatchObject({ isDisabled: true, lastLogin: 5_000, changed: 1_000 });
        await store.users.setDisabled(id, false);
        expect(await other.users.find(id)).toMatchObject({ isDisabled: false });
      });

      test("get their password in another form, unless it was set meanwhile", async () => {
        const id = await newUser("ada", { password: "weak" });
        expect(await count(race((each, at) => each.users.replacePassword(id, "weak", `strong ${at}`)))).toBe(1);
        expect(await store.users.find(id)).toMatchObject({ changed: 1_000 });
        expect(await store.users.replacePassword(id, "weak", "x")).toBe(false);
        expect((await store.users.find(id))!.password).toMatch(/^strong/);
      });

      test("set a password by a link once, until it expires, and by the latest one alone", async () => {
        const id = await newUser("ada");
        await store.users.setLink(id, { digest: "first", expires: 9_000 });
        await store.users.setLink(id, { digest: "link", expires: 9_000 });
        expect(await other.users.ofLink("first", 0)).toBeUndefined();
        expect(await other.users.ofLink("link", 9_000)).toBeUndefined();
        expect(await other.users.ofLink("link", 8_999)).toMatchObject({ id });
        expect(await store.users.useLink("link", "late", 9_000)).toBe(false);
        expect(await count(race((each, at) => each.users.useLink("link", `hash ${at}`, 8_000)))).toBe(1);
        expect((await store.users.find(id))!.password).toMatch(/^hash \d$/);
        expect(await store.users.find(id)).toMatchObject({ changed: 8_000 });
        expect(await store.users.ofLink("link", 0)).toBeUndefined();
      });

      test("who are disabled have no link", async () => {
        const id = await newUser("ada");
        await store.users.setLink(id, { digest: "link", expires: 9_000 });
        await store.users.setDisabled(id, true);
        expect(await store.users.ofLink("link", 0)).toBeUndefined();
        expect(await store.users.useLink("link", "hash", 0)).toBe(false);
        await store.users.setDisabled(id, false);
        expect(await store.users.ofLink("link", 0)).toMatchObject({ id });
      });

      test("use a step of their app once, and none before it, with the secret that they have", async () => {
        const id = await newUser("ada", { totp: "SECRET" });
        expect(await count(race((each) => each.users.useTotpStep(id, "SECRET", 100)))).toBe(1);
        expect(await store.users.useTotpStep(id, "SECRET", 99)).toBe(false);
        expect(await store.users.useTotpStep(id, "OTHER", 101)).toBe(false);
        expect((await other.users.find(id))!.totp).toEqual({ secret: "SECRET", isConfirmed: true, step: 100 });
        expect(await store.users.useTotpStep(id, "SECRET", 101)).toBe(true);
        expect(await store.users.useTotpStep(await newUser("bob"), "SECRET", 1)).toBe(false);
      });

      test("use each recovery code once, and only the latest ones", async () => {
        const id = await newUser("ada");
        const bob = await newUser("bob");
        await store.users.setRecoveryCodes(id, ["old", "both"]);
        await store.users.setRecoveryCodes(id, ["new", "both"]);
        await store.users.setRecoveryCodes(bob, ["bobs"]);
        expect(await store.users.useRecoveryCode(id, "old")).toBe(false);
        expect(await store.users.useRecoveryCode(id, "bobs")).toBe(false);
        expect(await count(race((each) => each.users.useRecoveryCode(id, "both")))).toBe(1);
        expect(await store.users.useRecoveryCode(id, "new")).toBe(true);
      });

      test("are made by the first login elsewhere, one for all that come at once", async () => {
        const identity = { issuer: "github", subject: "1" };
        const found = await Promise.all(race((each) => each.users.ofIdentity(identity, user("ada"))));
        expect(new Set(found.map((each) => each?.id)).size).toBe(1);
        expect(await store.users.list()).toHaveLength(1);
        expect(await store.users.ofIdentity(identity, user("renamed"))).toEqual(found[0]);
      });

      test("of before are who logs in elsewhere with their name; another subject is not", async () => {
        const id = await newUser("ada", { password: "hash" });
        const subjects = race((each, at) => each.users.ofIdentity({ issuer: "github", subject: `${at}` }, user("ada")));
        expect(await count(subjects)).toBe(1);
        expect((await Promise.all(subjects)).find(Boolean)).toMatchObject({ id, password: "hash" });
        expect(await store.users.ofIdentity({ issuer: "gitlab", subject: "x" }, user("ada"))).toMatchObject({ id });
        expect(await store.users.list()).toHaveLength(1);
      });
    });

    describe("consents", () => {
      test("add up, whoever gives them at the same time, and end with their user", async () => {
        const id = await newUser("ada");
        await Promise.all(race((each, at) => each.consents.add(asked(id), ["memory", `tools:memory:${at}`])));
        expect(new Set(await other.consents.scopesOf(asked(id))).size).toBe(11);
        expect(await store.consents.scopesOf({ ...asked(id), client: "c" })).toEqual([]);
        await store.users.remove(id);
        expect(await other.consents.scopesOf(asked(id))).toEqual([]);
      });

      test("of nobody are not kept", async () => {
        await store.consents.add(asked("gone"), ["memory"]);
        expect(await store.consents.scopesOf(asked("gone"))).toEqual([]);
      });
    });

    describe("steps of logins", () => {
      test("belong to the browser that comes first", async () => {
        const begun = await Promise.all(race((each, at) => each.steps.begin("login", `browser-${at}`, inTwoHours())));
        expect(begun.filter(Boolean)).toEqual([{ account: null }]);
        const owner = `browser-${begun.findIndex(Boolean)}`;
        await store.steps.setAccount("login", "ada");
        expect(await other.steps.begin("login", owner, inTwoHours())).toEqual({ account: "ada" });
        expect(await other.steps.find("login", owner)).toEqual({ account: "ada" });
        expect(await other.steps.find("login", "another")).toBeUndefined();
        expect(await other.steps.find("nothing", owner)).toBeUndefined();
        await store.steps.setAccount("login", null);
        expect(await other.steps.find("login", owner)).toEqual({ account: null });
      });

      test("take what is expected once, the latest", async () => {
        await store.steps.begin("login", "browser", inTwoHours());
        await store.steps.expect("login", { state: "first", nonce: "n1", verifier: "v1" });
        await store.steps.expect("login", { state: "state", nonce: "n2", verifier: "v2" });
        expect(await store.steps.take("login", "first")).toBeUndefined();
        expect(await store.steps.take("another", "state")).toBeUndefined();
        const taken = await Promise.all(race((each) => each.steps.take("login", "state")));
        expect(taken.filter(Boolean)).toEqual([{ nonce: "n2", verifier: "v2" }]);
      });

      test("of logins that have not begun are not made, and those that have expired are gone", async () => {
        await store.steps.setAccount("login", "ada");
        await store.steps.expect("login", { state: "state", nonce: "n", verifier: "v" });
        expect(await store.steps.take("login", "state")).toBeUndefined();
        await store.steps.begin("old", "browser", Date.now() + 60_000);
        moveClock(61);
        await store.sweep();
        expect(await store.steps.find("old", "browser")).toBeUndefined();
        expect(await store.steps.begin("old", "another", inTwoHours())).toEqual({ account: null });
      });
    });
  });
});
