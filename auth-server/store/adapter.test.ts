import { expect, test } from "vitest";
import { newDatabase } from "../fixtures/new-database.ts";
import { SqliteAdapter } from "./adapter.ts";
import { endGrant, revocationsAfter } from "./grants.ts";

const HOUR = 3_600;

async function newGrant() {
  const database = newDatabase();
  await new SqliteAdapter(database, "Grant").upsert("grant", { accountId: "ada" }, HOUR);
  return {
    database,
    tokens: new SqliteAdapter(database, "AccessToken"),
    codes: new SqliteAdapter(database, "AuthorizationCode"),
  };
}

test("a token of a grant that has ended meanwhile is not stored, whichever process has ended it", async () => {
  const { database, tokens } = await newGrant();
  await tokens.upsert("before", { grantId: "grant" }, HOUR);
  endGrant(database, "grant");
  await expect(tokens.upsert("after", { grantId: "grant" }, HOUR)).rejects.toThrow("invalid_grant");
  expect([await tokens.find("before"), await tokens.find("after")]).toEqual([undefined, undefined]);
  expect(revocationsAfter(database, 0)).toMatchObject([{ grant: "grant" }]);
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
  const database = newDatabase();
  const interactions = new SqliteAdapter(database, "Interaction");
  const payload = {
    jti: "the-id",
    returnTo: "/oauth/authorize/the-id",
    params: { state: "\u0001 \\u0001", scope: "x" },
  };
  await interactions.upsert(
    "the-id",
    { ...payload, session: { cookie: "the-cookie", uid: "the-session" } } as never,
    HOUR,
  );
  const [row] = database.all<{ payload: string }>("SELECT payload FROM records");
  expect(row!.payload).not.toMatch(/the-id|the-cookie/);
  expect(await interactions.find("the-id")).toEqual({ ...payload, session: { uid: "the-session" } });
});
