import { beforeEach, expect, test } from "vitest";
import { newDatabase } from "../fixtures/new-database.ts";
import { Users } from "../users/users.ts";
import { Consents, type Asked } from "./consents.ts";

let consents: Consents;
let users: Users;
let asked: Asked;

beforeEach(() => {
  const database = newDatabase();
  users = new Users(database);
  consents = new Consents(database);
  asked = {
    user: users.add({ name: "ada" }).id,
    client: "https://claude.ai/oauth/client.json",
    redirect: "http://localhost:4711/callback",
    resource: "https://memory.example.org/mcp",
    scopes: ["tools:memory:read_*"],
  };
});

test("what was allowed is remembered, and less is covered by more", () => {
  expect(consents.covers(asked)).toBe(false);
  consents.remember({ ...asked, scopes: ["tools:memory:read_*", "tools:memory:list_*"] });
  expect(consents.covers(asked)).toBe(true);
});

test("what is allowed later adds to what was", () => {
  consents.remember(asked);
  consents.remember({ ...asked, scopes: ["memory"] });
  expect(consents.covers({ ...asked, scopes: ["tools:memory:read_*", "memory"] })).toBe(true);
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
])("%s is asked for", (_, other) => {
  consents.remember(asked);
  expect(consents.covers({ ...asked, ...other })).toBe(false);
});

test("a program on the user's computer has another port each time, and no web page has", () => {
  consents.remember(asked);
  expect(consents.covers({ ...asked, redirect: "http://localhost:815/callback" })).toBe(true);
  const web = { ...asked, redirect: "https://a.example:1/callback" };
  consents.remember(web);
  expect(consents.covers({ ...web, redirect: "https://a.example:2/callback" })).toBe(false);
});

test("consents end with their user", () => {
  consents.remember(asked);
  users.remove(asked.user);
  expect(consents.covers(asked)).toBe(false);
});
