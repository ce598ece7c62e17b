/** Requests that claim to come from another gateway of the service. */
import { expect } from "vitest";
import { test } from "../../fixtures/replicas.ts";
import { FORWARDED } from "../../transports/forwarded.ts";

const TOKEN = "right-token-of-some-length";
const ping = { jsonrpc: "2.0", id: 1, method: "ping" };

test("made-up claims are refused, then slowed down, and are a few lines in the log; the address's token goes on", async ({
  replica,
}) => {
  const gateway = await replica({ flags: ["--token", TOKEN, "--exempt-loopback=false", "--login-rate", "5"] });
  const live = await gateway.client({ authorization: `Bearer ${TOKEN}` }).open();
  const statuses = [];
  for (let index = 0; index < 100; index++)
    statuses.push((await gateway.client().post(ping, { [FORWARDED]: `made.up${index}` })).status);
  expect(statuses.slice(0, 5)).toEqual([403, 403, 403, 403, 403]);
  expect(statuses.slice(10).every((status) => status === 429)).toBe(true);
  expect(gateway.log.match(/AUTH/g)!.length).toBeLessThan(10);
  expect((await live.request("ping")).result).toEqual({});
});

test("a claim of 15 kB is refused before its signature is computed", async ({ replica }) => {
  const gateway = await replica({ flags: ["--token", TOKEN] });
  const response = await gateway.client().post(ping, { [FORWARDED]: `${"a".repeat(15_000)}.b` });
  expect(response.status).toBe(403);
});
