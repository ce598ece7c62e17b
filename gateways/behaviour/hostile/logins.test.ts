/** Who guesses tokens, or has a wrong one configured, slows down himself alone. */
import { expect } from "vitest";
import { test, type Settings } from "../../fixtures/harness.ts";
import { ModernClient } from "../../fixtures/modern-client.ts";

const TOKEN = "right-token-of-some-length";
const settings = {
  service: { isolation: "shared" as const },
  tokens: [TOKEN],
  exemptLoopback: false,
  trustedProxies: ["127.0.0.1"],
} satisfies Settings;
const right = { authorization: `Bearer ${TOKEN}` };
const wrong = { authorization: "Bearer wrong-token-of-some-length" };
const from = (address: string) => ({ ...wrong, "x-forwarded-for": address });
const linesOf = (log: readonly string[], event: string) => log.filter((line) => line.includes(`"audit":"${event}"`));

test("a hundred failed logins of an address lock out no valid token of it, and no session that is open", async ({
  start,
}) => {
  const { client, log } = await start({ ...settings, loginRate: 10 });
  const live = await client(right).open();
  const statuses = [];
  for (let tries = 0; tries < 100; tries++) statuses.push((await client(wrong).initialize()).status);
  expect(statuses.filter((status) => status === 401).length).toBeLessThan(20);
  expect(statuses.at(-1)).toBe(429);
  expect(await live.text("count")).toBe("1");
  expect((await client(right).initialize()).status).toBe(200);
  expect(await new ModernClient({ port: Number(new URL(live.url).port) }, right).text("echo", { text: "on" })).toBe(
    "on",
  );
  expect(linesOf(log, "login-lockout")).toHaveLength(1);
  expect(linesOf(log, "refused").length).toBeLessThan(25);
});

test("other addresses have budgets of their own while one is locked out", async ({ start }) => {
  const { client } = await start({ ...settings, loginRate: 3 });
  for (let tries = 0; tries < 5; tries++) await client(from("203.0.113.9")).initialize();
  expect((await client(from("203.0.113.9")).initialize()).status).toBe(429);
  expect((await client(from("203.0.113.10")).initialize()).status).toBe(401);
});

test.for([
  ["the /64s of a /48", (index: number) => `2001:db8:1:${index.toString(16)}::1`],
  ["the addresses of a /24", (index: number) => `203.0.113.${index}`],
] as const)("whoever moves through %s is locked out all the same", async ([, address], { start }) => {
  const { client, log } = await start({ ...settings, loginRate: 2 });
  const statuses = [];
  for (let index = 1; index <= 30; index++) statuses.push((await client(from(address(index))).initialize()).status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(10);
  expect(statuses.at(-1)).toBe(429);
  expect(linesOf(log, "login-lockout").length).toBe(1);
});

test("a program with a wrong token that tries five times at each start is told why each time it is within the limit", async ({
  start,
}) => {
  const { client } = await start({ ...settings, loginRate: 10 });
  for (let tries = 0; tries < 10; tries++)
    expect((await client({ authorization: "Bearer ${T}" }).initialize()).status).toBe(401);
  const late = await client({ authorization: "Bearer ${T}" }).initialize();
  expect(late.status).toBe(429);
  expect(await late.text()).toMatch(/Too many failed logins from 127\.0\.0\.1: the client sent a placeholder/);
});

test("callers of this machine are not locked out where they are exempt, and do not fill the log", async ({ start }) => {
  const { client, log } = await start({ ...settings, trustedProxies: [], loginRate: 5, exemptLoopback: true });
  for (let tries = 0; tries < 40; tries++) expect((await client(wrong).initialize()).status).toBe(401);
  expect(linesOf(log, "refused").length).toBeLessThan(10);
  expect(linesOf(log, "login-lockout")).toHaveLength(1);
});
