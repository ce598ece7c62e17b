import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, shipped } from "../../stacks/shipped.ts";
import { tlsOf } from "./certificate.ts";
import { settingsOf } from "./given.ts";
import { proxies, type ProxyName } from "./render.ts";
import type { ProxySettings } from "./settings.ts";

const names = Object.keys(proxies) as ProxyName[];

const sites = [
  { name: "memory", host: "memory.example.org", servers: ["127.0.0.1:8082", "127.0.0.1:9082"] },
  { name: "everything", host: "everything.example.org", servers: ["127.0.0.1:8086"] },
];

/** How the examples were asked for: HTTPS, with certificate files where the proxy gets none itself. */
const certificates: Readonly<Record<ProxyName, object>> = {
  nginx: { certificate: "/etc/ssl/example.org.crt", key: "/etc/ssl/example.org.key" },
  haproxy: { certificate: "/etc/ssl/example.org.pem" },
  caddy: { email: "admin@example.org" },
  traefik: { email: "admin@example.org" },
  apache: { email: "admin@example.org" },
};

/** The files in templates/proxies/examples. */
const examples: Readonly<Record<ProxyName, string>> = {
  nginx: "nginx.conf",
  caddy: "Caddyfile",
  traefik: "traefik.yml",
  haproxy: "haproxy.cfg",
  apache: "apache.conf",
};

test.each(names)(
  "the example of %s is what the verb prints for two services, one of them with two replicas",
  async (name) => {
    const given = { https: true, domain: "example.org", allow: "192.168.1.0/24,10.0.0.0/8", ...certificates[name] };
    const text = proxies[name].render({ ...settingsOf(name, given, sites), tls: tlsOf(name, given) });
    await expect(text).toMatchFileSnapshot(join(root, "templates/proxies/examples", examples[name]));
  },
);

const plain: ProxySettings = { sites, httpPort: 80, httpsPort: 443, allowed: [] };
const full: ProxySettings = {
  ...plain,
  httpPort: 8080,
  httpsPort: 8443,
  tls: { certificate: "/etc/gangway.crt", key: "/etc/gangway.key" },
  allowed: ["10.0.0.0/8"],
  basicAuth: { file: "/etc/htpasswd", users: [{ name: "ali", hash: "$2b$04$x" }] },
  limit: { rate: 5, burst: 10 },
};

test.each(
  names.flatMap((name) =>
    [plain, full, ...(proxies[name].acme ? [{ ...full, tls: "acme" as const }] : [])].map(
      (settings) => [name, settings] as const,
    ),
  ),
)("a file of %s has no place left, no space at an end and one line break at its end", (name, settings) => {
  const text = proxies[name].render(settings);
  expect(text).not.toMatch(/\{\{\w+\}\}|undefined|[ \t]\n|\n\n\n|\n\n$/);
  expect(text).toMatch(/\n$/);
});

test.each(names)("%s names every service and gateway, and says what the gateways must be told", (name) => {
  const text = proxies[name].render(full);
  for (const { host, servers } of sites) for (const what of [host, ...servers]) expect(text).toContain(what);
  expect(text).toContain("GANGWAY_TRUSTED_PROXIES=127.0.0.1");
  expect(text).toContain('GANGWAY_ALLOWED_HOSTS="memory.example.org everything.example.org"');
});

test.each(names)("%s limits requests only if it can", (name) => {
  const limited = settingsOf(name, {}, sites).limit !== undefined;
  expect(limited).toBe(proxies[name].limits);
  expect(
    proxies[name].render({ ...plain, limit: settingsOf(name, {}, sites).limit }).includes("GANGWAY_REQUEST_RATE"),
  ).toBe(!limited);
});

test("nginx streams as the nginx of the deployed stacks does: with the same text", () => {
  const shared = readFileSync(shipped("templates/nginx/location.conf"), "utf8")
    .split("\n")
    .filter((line) => !line.includes("{{"));
  for (const line of shared) expect(proxies.nginx.render(plain)).toContain(line);
});
