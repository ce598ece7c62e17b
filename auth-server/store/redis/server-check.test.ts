import { expect, test } from "vitest";
import { StoreRefused } from "../store.ts";
import { checkServer } from "./server-check.ts";

const info = (more: Readonly<Record<string, string>> = {}) =>
  Object.entries({ redis_version: "7.0.15", maxmemory: "0", maxmemory_policy: "noeviction", aof_enabled: "1", ...more })
    .map(([name, value]) => `${name}:${value}`)
    .join("\r\n");

test.each([
  ["a server that keeps everything", info(), /^nothing$/],
  ["one whose policy has no effect", info({ maxmemory_policy: "allkeys-lru" }), /^nothing$/],
  ["one that tells nothing of itself", "", /^nothing$/],
  ["one without an append-only file", info({ aof_enabled: "0" }), /set appendonly yes/],
])("%s is used", (_, text, warning) => {
  expect(checkServer(text, "redis://redis:6379") ?? "nothing").toMatch(warning);
});

test.each([
  ["an old one", info({ redis_version: "5.0.14" }), /is Redis 5.0.14, expected 6 or newer/],
  [
    "one that evicts",
    info({ maxmemory: "1000000", maxmemory_policy: "volatile-lru" }),
    /set maxmemory-policy noeviction/,
  ],
])("%s is refused", (_, text, message) => {
  expect(() => checkServer(text, "redis://redis:6379")).toThrow(StoreRefused);
  expect(() => checkServer(text, "redis://redis:6379")).toThrow(message);
});
