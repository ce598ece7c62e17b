import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { WrongUse } from "../kit/arguments.ts";
import { tlsOf } from "./certificate.ts";
import { type Given, hostOf, settingsOf } from "./given.ts";
import { proxies, type ProxyName } from "./render.ts";
import { sitesOf } from "./sites.ts";

const folder = mkdtempSync(join(tmpdir(), "gangway-given-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What every check together makes of a command line. */
function check(name: ProxyName, given: Given) {
  return { ...settingsOf(name, given, []), tls: tlsOf(name, given) };
}

/** Characters that would be a setting of their own in one of the five languages. */
const harmful = ["a b", "a;b", "a\nb", "a{b", "a}b", "a'b", 'a"b', "a#b", "a$b", "a`b", "a\\b", "a|b", "%{x}"];

test.each(harmful)("a value with %j gets into no file", async (value) => {
  const https = { https: true, domain: "example.org" };
  expect(() => check("nginx", { ...https, certificate: value, key: "/k" })).toThrow(WrongUse);
  expect(() => check("nginx", { ...https, certificate: "/c", key: value })).toThrow(WrongUse);
  expect(() => check("caddy", { ...https, email: `${value}@example.org` })).toThrow(WrongUse);
  expect(() => check("nginx", { allow: value })).toThrow(WrongUse);
  expect(() => check("nginx", { "basic-auth": value })).toThrow(WrongUse);
  expect(() => hostOf("--domain", `${value}.org`)).toThrow(WrongUse);
  await expect(sitesOf({ upstream: `${value}:80` }, [])).rejects.toThrow(WrongUse);
  await expect(sitesOf({ domain: "example.org", upstream: `memory=${value}:80` }, [])).rejects.toThrow(WrongUse);
});

test.each<[ProxyName, Given, string]>([
  ["caddy", { rate: "5" }, "caddy cannot limit requests as it comes; the gateway does: GANGWAY_REQUEST_RATE=5/s"],
  ["nginx", { rate: "many" }, "expected a whole number"],
  ["nginx", { rate: "1.5" }, "expected a whole number"],
  ["nginx", { "http-port": "0" }, "expected a port from 1 to 65535"],
  ["nginx", { "https-port": "https" }, "expected a port from 1 to 65535"],
  ["nginx", { allow: "10.0.0.0/33" }, "expected an address or a range"],
  [
    "nginx",
    { https: true, domain: "example.org" },
    "nginx gets no certificates itself: name one with --certificate and --key",
  ],
  ["haproxy", { https: true }, "haproxy gets no certificates itself: name one with --certificate"],
  [
    "haproxy",
    { https: true, certificate: "/c", key: "/k" },
    "haproxy reads the key from the file of --certificate: no --key",
  ],
  ["caddy", { https: true }, "--domain says which"],
  ["caddy", { https: true, key: "/k" }, "--key goes with --certificate"],
  ["caddy", { https: true, certificate: "/c" }, "--certificate needs its --key"],
  ["caddy", { certificate: "/c", key: "/k" }, "go with --https"],
  ["nginx", { "self-signed": true }, "go with --https"],
  ["nginx", { email: "a@example.org" }, "--https with caddy, traefik or apache"],
  ["caddy", { https: true, certificate: "/c", key: "/k", email: "a@example.org" }, "that the proxy gets itself"],
])("%s with %j says %j", (name, given, message) => {
  expect(() => check(name, given)).toThrow(message);
});

test.each<[string, readonly ProxyName[]]>([
  ["$2y$10$abcdefghijklmnopqrstuv", ["nginx", "caddy", "traefik", "haproxy", "apache"]],
  ["$6$salt$hash", ["nginx", "haproxy", "apache"]],
  ["$apr1$salt$hash", ["nginx", "traefik", "apache"]],
  ["plain", []],
])("a password as %s is read by %j, and refused for others", (hash, readers) => {
  const file = join(folder, "htpasswd");
  writeFileSync(file, `# users\nali:${hash}\n\n`);
  const read = (name: ProxyName) => () => check(name, { "basic-auth": file }).basicAuth;
  const others = (Object.keys(proxies) as ProxyName[]).filter((name) => !readers.includes(name));
  for (const name of readers) expect(read(name)()).toEqual({ file, users: [{ name: "ali", hash }] });
  for (const name of others) expect(read(name)).toThrow(`${name} does not read the hash of ali`);
});

test.each(["", "ali", "ali:", "ali:hash with spaces"])(
  "a file of passwords with %j is refused, and not shown",
  (line) => {
    const file = join(folder, "htpasswd");
    writeFileSync(file, `${line}\n`);
    expect(() => check("nginx", { "basic-auth": file })).toThrow(/has no users|has a line that is not/);
  },
);

test("replicas, ports and host names come from the catalog and the command line", async () => {
  const upstream = "memory=10.0.0.5:8082, memory=10.0.0.6:8082";
  expect(await sitesOf({ domain: "example.org", upstream }, ["memory", "everything"])).toEqual([
    { name: "memory", host: "memory.example.org", servers: ["10.0.0.5:8082", "10.0.0.6:8082"] },
    { name: "everything", host: "everything.example.org", servers: ["127.0.0.1:8086"] },
  ]);
  expect(await sitesOf({}, [])).toEqual([{ name: "services", servers: ["127.0.0.1:3000"] }]);
  expect(await sitesOf({ upstream: "10.0.0.5:3000" }, [])).toEqual([{ name: "services", servers: ["10.0.0.5:3000"] }]);
});

test.each<[Given, readonly string[], string]>([
  [{}, ["memory"], "name none"],
  [{ upstream: "memory=127.0.0.1:1" }, [], "goes with --domain"],
  [{ domain: "example.org", upstream: "127.0.0.1:1" }, [], "it is <service>=127.0.0.1:1"],
  [{ domain: "example.org", upstream: "memori=127.0.0.1:1" }, [], 'Did you mean "memory"?'],
  [{ domain: "example.org" }, ["memori"], 'Did you mean "memory"?'],
  [{ domain: "Example.org" }, [], "expected a domain in lower case"],
  [{ domain: "https://example.org" }, [], "expected a domain in lower case"],
])("%j with the names %j says %j", async (given, names, message) => {
  await expect(sitesOf(given, names)).rejects.toThrow(message);
});
