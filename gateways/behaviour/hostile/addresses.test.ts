/** Lies about where a request comes from. */
import { expect } from "vitest";
import { test, type Running } from "../../fixtures/harness.ts";

const settings = { service: { isolation: "shared" }, tokens: ["right-token-of-some-length"], loginRate: 3 } as const;
const wrong = { authorization: "Bearer wrong-token-of-some-length" };

/** Fails to log in so many times with these headers. Returns the statuses. */
async function fail(
  { client }: Running,
  times: number,
  headers: (index: number) => Record<string, string>,
): Promise<number[]> {
  const statuses = [];
  for (let index = 0; index < times; index++)
    statuses.push((await client({ ...wrong, ...headers(index) }).initialize()).status);
  return statuses;
}

test.for(["x-forwarded-for", "cf-connecting-ip", "x-real-ip", "forwarded", "true-client-ip"])(
  "a new %s with each request is no new address where no proxy is trusted",
  async (name, { start }) => {
    const running = await start({ ...settings, exemptLoopback: false });
    const statuses = await fail(running, 8, (index) => ({ [name]: `203.0.113.${index}` }));
    expect(statuses).toEqual([401, 401, 401, 429, 429, 429, 429, 429]);
  },
);

test("a container beside the proxy is not believed, and neither is anybody while the proxy has no address", async ({
  start,
}) => {
  const running = await start({ ...settings, exemptLoopback: false, trustedProxies: ["no-such-proxy.invalid"] });
  const statuses = await fail(running, 5, (index) => ({ "x-forwarded-for": `203.0.113.${index}` }));
  expect(statuses).toEqual([401, 401, 401, 429, 429]);
});

test("a proxy that is known by its name is believed", async ({ start }) => {
  const running = await start({ ...settings, exemptLoopback: false, trustedProxies: ["localhost"] });
  const statuses = await fail(running, 5, (index) => ({ "x-forwarded-for": `198.51.${index}.1` }));
  expect(statuses).toEqual([401, 401, 401, 401, 401]);
});

test("what a client writes into X-Forwarded-For itself stands before what the proxy writes", async ({ start }) => {
  const running = await start({ ...settings, exemptLoopback: false, trustedProxies: ["127.0.0.1"] });
  const statuses = await fail(running, 5, (index) => ({ "x-forwarded-for": `198.51.${index}.1, 203.0.113.9` }));
  expect(statuses).toEqual([401, 401, 401, 429, 429]);
});

test.for([
  ["x-forwarded-for", "198.51.100.7"],
  ["x-real-ip", "198.51.100.7"],
  ["cf-connecting-ip", "198.51.100.7"],
  ["forwarded", "for=198.51.100.7"],
  ["via", "1.1 caddy"],
] as const)(
  "behind a proxy on this machine (%s) nobody is exempt as a caller of this machine",
  async ([name, value], { start }) => {
    const running = await start({ ...settings, exemptLoopback: true });
    expect(await fail(running, 5, () => ({ [name]: value }))).toEqual([401, 401, 401, 429, 429]);
    expect(await fail(running, 5, () => ({}))).toEqual([401, 401, 401, 401, 401]);
  },
);

test("15 kB in place of an address are no address in the log", async ({ start }) => {
  const running = await start({ ...settings, exemptLoopback: false, trustedProxies: ["127.0.0.1"] });
  await fail(running, 1, () => ({ "x-forwarded-for": "A".repeat(15_000) }));
  expect(running.log.find((line) => line.includes('"audit":"refused"'))).toContain('"address":"127.0.0.1"');
  expect(running.log.join("")).not.toContain("AAAA");
});

test("a malformed entry of TRUSTED_PROXIES is named before anything starts", async ({ start }) => {
  await expect(start({ ...settings, trustedProxies: ["10.0.0.0/99"] })).rejects.toThrow(
    /trusted proxies: got 10\.0\.0\.0\/99/,
  );
});
