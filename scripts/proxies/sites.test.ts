import { expect, test } from "vitest";
import { defineServices } from "../../stacks/catalog/define.ts";
import { command } from "../../stacks/catalog/kinds/command.ts";
import { Settings } from "../../stacks/settings.ts";
import { settingsOf } from "./given.ts";
import { proxies, type ProxyName } from "./render.ts";
import { serve } from "./compose/servers.ts";
import { sitesUnder } from "./sites.ts";

const names = Object.keys(proxies) as ProxyName[];

const server = command(["node", "gateways/fixtures/child.ts"]);
const all = Object.values(
  defineServices({
    open: { server, port: 1001 },
    "log-in": { server, port: 1002, auth: "oauth" },
    both: { server, port: 1003, auth: ["oauth", "bearer"] },
    theirs: { server, port: 1004, auth: "oauth", authIssuer: "https://login.example.net" },
  }),
);
const named = (...wanted: readonly string[]) => all.filter(({ name }) => wanted.includes(name));

const sitesFor = (services: typeof all, upstreams: Parameters<typeof sitesUnder>[2] = []) =>
  sitesUnder("example.org", services, upstreams, new Settings(services, {}));

const hostsOf = (services: typeof all) => sitesFor(services).map(({ host, servers }) => [host, ...servers]);

test("services with logins bring the authorization server's host, and one for tokens where they take both", () => {
  expect(hostsOf(all)).toEqual([
    ["open.example.org", "127.0.0.1:1001"],
    ["log-in.example.org", "127.0.0.1:1002"],
    ["both.example.org", "127.0.0.1:1003"],
    ["both-key.example.org", "127.0.0.1:1003"],
    ["theirs.example.org", "127.0.0.1:1004"],
    ["auth.example.org", "127.0.0.1:8078"],
  ]);
  expect(hostsOf(named("open", "theirs"))).toEqual([
    ["open.example.org", "127.0.0.1:1001"],
    ["theirs.example.org", "127.0.0.1:1004"],
  ]);
});

test("--upstream also says where the authorization server is, and where tokens are taken", () => {
  const elsewhere = [
    { service: "both", server: "10.0.0.5:1" },
    { service: "auth", server: "10.0.0.6:2" },
  ];
  expect(sitesFor(named("both"), elsewhere).map(({ servers }) => servers)).toEqual([
    ["10.0.0.5:1"],
    ["10.0.0.5:1"],
    ["10.0.0.6:2"],
  ]);
  expect(() => sitesFor(named("open"), [{ service: "auth", server: "10.0.0.6:2" }])).toThrow("auth");
});

test.each(names)("%s has every host, and says what gateways and authorization server must be told", (name) => {
  const sites = sitesFor(all);
  const text = proxies[name].render({ ...settingsOf(name, {}, sites), tls: undefined });
  for (const { host, servers } of sites) for (const what of [host, ...servers]) expect(text).toContain(what);
  expect(text).toContain("AUTH_ISSUER=https://auth.example.org PUBLIC_URL=https://<its host>/mcp");
  expect(text).toContain('GANGWAY_KEY_HOSTS="both-key.example.org"');
  expect(text).toContain("ISSUER=https://auth.example.org TRUSTED_PROXIES=127.0.0.1");
  expect(text).not.toMatch(/ALLOWED_HOSTS=.*auth\.example/);
  const withoutLogins = proxies[name].render({ ...settingsOf(name, {}, sitesFor(named("open"))), tls: undefined });
  expect(withoutLogins).not.toContain("ISSUER");
});

test("compose.yaml has no authorization server, and leaves out what needs one", () => {
  const left = serve(all, new Settings(all, {})).left.map(({ name, needs }) => [name, needs]);
  const needs = "an authorization server (npx gangway deploy local)";
  expect(left).toEqual(["log-in", "both", "theirs"].map((name) => [name, needs]));
});
