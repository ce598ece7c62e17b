import { afterAll, beforeAll, expect, test } from "vitest";
import { FakeApi, Refusal } from "../fixtures/fake-api.ts";
import { startFakeCloudflare } from "../fixtures/fake-cloudflare.ts";
import { readTunnelToken } from "../constructs/tunnel-token.ts";
import { fetchTunnelToken } from "./tunnel-token.ts";

const accountId = "0123456789abcdef0123456789abcdef";
const apiToken = "t".repeat(40);
const tunnelId = "6ff42ae2-765d-4adf-8112-31c55c1551ef";
let cloudflare: Awaited<ReturnType<typeof startFakeCloudflare>>;

beforeAll(async () => {
  cloudflare = await startFakeCloudflare({ apiToken, accountId, zone: { id: "z", name: "example.org" } });
  cloudflare.state.tunnels.set(tunnelId, { id: tunnelId, name: "gangway" });
});

afterAll(() => cloudflare.api.close());

const ask = (changed: { apiToken?: string; accountId?: string; tunnelId?: string; baseUrl?: string } = {}) =>
  fetchTunnelToken({ apiToken, accountId, tunnelId, baseUrl: cloudflare.api.url, pause: 1, ...changed });

test("the token belongs to the tunnel", async () => {
  expect(readTunnelToken(await ask())).toEqual({ accountId, id: tunnelId });
});

test("a missing tunnel is reported with both remedies", async () => {
  await expect(ask({ tunnelId: tunnelId.replace("6", "7") })).rejects.toThrow(
    /status 404.*deploy the stack edge again/,
  );
});

test.each([
  ["a wrong token", { apiToken: "w".repeat(40) }],
  ["a foreign account", { accountId: "f".repeat(32) }],
])("%s is reported with the right that the token needs, without showing a token", async (_, changed) => {
  const refusal = await ask(changed).catch(String);
  expect(refusal).toContain("Account / Cloudflare Tunnel / Edit");
  expect(refusal).not.toMatch(/t{40}|w{40}/);
});

test("a busy Cloudflare is asked again, but not forever", async () => {
  let left = 2;
  const busy = await FakeApi.start({
    routes: {
      "GET /accounts/:account/cfd_tunnel/:id/token": () => {
        if (left-- > 0) throw new Refusal(503, 0, "busy");
        return { body: { result: "the token" } };
      },
    },
    prefix: "",
    authenticate: () => {},
    refuse: () => ({}),
    unknown: new Refusal(404, 0, ""),
  });
  expect(await ask({ baseUrl: busy.url })).toBe("the token");
  left = 100;
  await expect(ask({ baseUrl: busy.url })).rejects.toThrow("(status 503, 4 tries): apply again later");
  await busy.close();
});
