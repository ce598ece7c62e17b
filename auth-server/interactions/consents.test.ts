import { beforeEach, expect, test } from "vitest";
import { newStore } from "../fixtures/stores.ts";
import { Users } from "../users/users.ts";
import { Consents, type Asked } from "./consents.ts";

let consents: Consents;
let users: Users;
let asked: Asked;

beforeEach(async () => {
  const store = await newStore();
  users = new Users(store.users);
  consents = new Consents(store.consents);
  asked = {
    user: (await users.add({ name: "ada" })).id,
    client: "https://claude.ai/oauth/client.json",
    redirect: "http://localhost:4711/callback",
    resource: "https://memory.example.org/mcp",
    scopes: ["tools:memory:read_*"],
  };
});

test("what was allowed is remembered, and less is covered by more", async () => {
  expect(await consents.covers(asked)).toBe(false);
  await consents.remember({ ...asked, scopes: ["tools:memory:read_*", "tools:memory:list_*"] });
  expect(await consents.covers(asked)).toBe(true);
});

test("what is allowed later adds to what was", async () => {
  await consents.remember(asked);
  await consents.remember({ ...asked, scopes: ["memory"] });
  expect(await consents.covers({ ...asked, scopes: ["tools:memory:read_*", "memory"] })).toBe(true);
});

test.each<[string, Partial<Asked>]>([
  ["more scopes", { scopes: ["tools:memory:read_*", "memory"] }],
  ["no scopes", { scopes: [] }],
  ["another client", { client: "https://evil.example/client.json" }],
  ["another service", { resource: "https://coda.example.org/mcp" }],
  ["another redirect", { redirect: "https://evil.example/callback" }],
  ["another path", { redirect: "http://localhost:4711/other" }],
  ["a name instead of an address", { redirect: "http://127.0.0.1:4711/callback" }],
  ["no loopback", { redirect: "http://localhost.evil.example:4711/callback" }],
  ["another user", { user: "somebody" }],
])("%s is asked for", async (_, other) => {
  await consents.remember(asked);
  expect(await consents.covers({ ...asked, ...other })).toBe(false);
});

test("a program on the user's computer has another port each time, and no web page has", async () => {
  await consents.remember(asked);
  expect(await consents.covers({ ...asked, redirect: "http://localhost:815/callback" })).toBe(true);
  const web = { ...asked, redirect: "https://a.example:1/callback" };
  await consents.remember(web);
  expect(await consents.covers({ ...web, redirect: "https://a.example:2/callback" })).toBe(false);
});

test("consents end with their user", async () => {
  await consents.remember(asked);
  await users.remove(asked.user);
  expect(await consents.covers(asked)).toBe(false);
});
