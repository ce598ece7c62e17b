import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { newStore } from "../fixtures/stores.ts";
import { RecordAdapter } from "./adapter.ts";

const HOUR = 3_600;

async function newGrant() {
  const store = await newStore();
  await new RecordAdapter(store, "Grant").upsert("grant", { accountId: "ada" }, HOUR);
  return {
    store,
    tokens: new RecordAdapter(store, "AccessToken"),
    codes: new RecordAdapter(store, "AuthorizationCode"),
  };
}

test("a token of a grant that has ended meanwhile is not stored, whichever process has ended it", async () => {
  const { store, tokens } = await newGrant();
  await tokens.upsert("before", { grantId: "grant" }, HOUR);
  await store.grants.end("grant");
  await expect(tokens.upsert("after", { grantId: "grant" }, HOUR)).rejects.toThrow("invalid_grant");
  expect([await tokens.find("before"), await tokens.find("after")]).toEqual([undefined, undefined]);
  expect(await store.revocations.after(0)).toMatchObject([{ grant: "grant" }]);
});

test("a code is used once; what was used says so", async () => {
  const { codes } = await newGrant();
  await codes.upsert("code", { grantId: "grant" }, HOUR);
  await codes.consume("code");
  await expect(codes.consume("code")).rejects.toThrow("invalid_grant");
  expect(await codes.find("code")).toHaveProperty("consumed");
});

test("what has expired is not there", async () => {
  const { tokens } = await newGrant();
  await tokens.upsert("token", { grantId: "grant" }, -1);
  expect(await tokens.find("token")).toBeUndefined();
});

test("an id comes back wherever it stood, and nothing that a client has written is taken for one", async () => {
  const store = await newStore();
  const interactions = new RecordAdapter(store, "Interaction");
  const payload = {
    jti: "the-id",
    returnTo: "/oauth/authorize/the-id",
    params: { state: "\u0001 \\u0001", scope: "x" },
  };
  await interactions.upsert("the-id", { ...payload, session: { cookie: "the-cookie", uid: "the-session" } }, HOUR);
  const record = await store.records.find("Interaction", hash("sha256", "the-id"));
  expect(record!.payload).not.toMatch(/the-id|the-cookie/);
  expect(await interactions.find("the-id")).toEqual({ ...payload, session: { uid: "the-session" } });
});
