import { expect, test } from "vitest";
import { inArguments, secretsIn } from "./known-secrets.ts";

const valuesOf = (name: string, value: string) => secretsIn(name, value).map(([, secret]) => secret);

test.each([
  ["API_TOKEN", "abcd1234"],
  ["DB_PASSWORD", "swordfish"],
  ["ANYTHING", "hunter2"],
  ["ANYTHING", "correct horse battery staple"],
  ["ANYTHING", "sk-proj-4f9aB7c2D1e8"],
  ["ANYTHING", "someone@example.org"],
])("the value of %s is a secret: %s", (name, value) => {
  expect(valuesOf(name, value)).toContain(value);
});

test.each([
  ["NODE_ENV", "production"],
  ["REGION", "eu-central-1"],
  ["MEMORY_FILE_PATH", "/data/memory.json"],
  ["PORT", "8080"],
  ["TIMEOUT", "30000ms"],
  ["BASE_URL", "https://api.example.org/v1"],
  ["HOST", "db.internal:5432"],
  ["KEY_FILE", "/run/secrets/key"],
  ["AUTH_TYPE", "bearer"],
  ["VERBOSE", "true"],
  ["MODELS", "https://api.example.org/v2/text-embedding-3-small"],
])("the value of %s is none: %s", (name, value) => {
  expect(valuesOf(name, value)).toEqual([]);
});

test.each([
  ["MONGO_URI", "mongodb+srv://bob:hun%40ter22@db.example.org/x", ["hun%40ter22", "hun@ter22"]],
  ["BACKEND", "https://user:pa55word@api.example.org/v1", ["pa55word"]],
  ["HOOK", "https://hooks.example.org/services/T0/B0/abcdEFGHijkl1234567", ["abcdEFGHijkl1234567"]],
  ["ENDPOINT", "https://api.example.org/v1?api_key=abc123&page=2", ["abc123"]],
  ["CONNECTION", "host=db user=bob password='a b c'", ["a b c"]],
  ["ODBC", "Server=db;Uid=bob;Pwd=hunter2;", ["hunter2"]],
  ["ACCOUNT", '{"client_email":"x@y.z","private_key":"-----BEGIN"}', ["-----BEGIN"]],
  ["Authorization", `Basic ${Buffer.from("bob:hunter2x").toString("base64")}`, ["hunter2x"]],
  ["Authorization", "Bearer abc-def", ["abc-def"]],
] as const)("of %s the parts are secrets by themselves: %s", (name, value, parts) => {
  for (const part of parts) expect(valuesOf(name, value)).toContain(part);
  for (const part of valuesOf(name, value)) expect(part).not.toMatch(/^(bob|db|user|2)$/);
});

test("of a command line what is secret is known, and not the rest", () => {
  const args = [
    "-y",
    "@scope/server-memory@2026.11.28",
    "/home/me/app2/dist/server-v2.js",
    "--port=8080",
    "--model",
    "x-3",
  ];
  expect(inArguments(args)).toEqual([]);
  const secret = [
    "--token",
    "abc",
    "--api-key=def",
    "--db",
    "postgres://bob:pass1@db/x",
    "sk-4f9aB7c2D1e8",
    "TOKEN=ghi",
  ];
  const found = new Set(inArguments(secret).map(([, value]) => value));
  expect(found).toEqual(new Set(["abc", "def", "pass1", "sk-4f9aB7c2D1e8", "ghi"]));
  expect(inArguments(["-c", "exec server --password 'jkl'"]).map(([, value]) => value)).toContain("jkl");
});
