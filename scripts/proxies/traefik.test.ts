import { expect, test } from "vitest";
import { parse } from "yaml";
import { traefikFile, traefikFlag } from "./fixtures/traefik-schema.ts";
import type { ProxySettings } from "./settings.ts";
import { flagsFor, traefik } from "./traefik.ts";

const one = { name: "memory", host: "memory.example.org", servers: ["127.0.0.1:8082"] };
const two = { name: "everything", host: "everything.example.org", servers: ["127.0.0.1:8086", "127.0.0.1:9086"] };
const any = { name: "services", servers: ["127.0.0.1:3000"] };

/** Every setting, in every combination. */
const cases: readonly ProxySettings[] = [[one, two], [any]].flatMap((sites) =>
  [undefined, "acme" as const, { certificate: "/etc/gangway.crt", key: "/etc/gangway.key" }].flatMap((tls) =>
    [undefined, { rate: 5, burst: 10 }].flatMap((limit) =>
      [[], ["10.0.0.0/8", "192.168.1.7", "fd00::/8"]].flatMap((allowed) =>
        [undefined, { file: "/etc/htpasswd", users: [] }].map((basicAuth) => {
          const email = tls === "acme" && limit ? "admin@example.org" : undefined;
          return { sites, tls, limit, allowed, basicAuth, email, httpPort: 80, httpsPort: limit ? 8443 : 443 };
        }),
      ),
    ),
  ),
);

/** What a file says, as Traefik reads it. */
const read = (settings: ProxySettings) => traefikFile.parse(parse(traefik(settings)));

const flagsOf = (settings: ProxySettings) => flagsFor(settings).flatMap((line) => line.split(" "));

test(`Traefik knows every key of ${cases.length} files`, () => {
  for (const settings of cases) expect(() => read(settings)).not.toThrow();
});

test("a key that Traefik does not know, or one without its value, fails this test", () => {
  const file = traefik(cases[0]!);
  for (const broken of [
    file.replace("passHostHeader", "passHost"),
    file.replace("entryPoints:", "entrypoint:"),
    file.replace(/dialTimeout: .*/, "dialTimeout:"),
    file.replace("frameDeny: true", "frameDeny: yes please"),
  ])
    expect(traefikFile.safeParse(parse(broken)).success, broken).toBe(false);
});

test("every name that a router uses is there: service, middlewares, entry points, certificate resolver", () => {
  for (const settings of cases) {
    const { routers, services, middlewares, serversTransports } = read(settings).http;
    const flags = flagsOf(settings).join("\n");
    for (const router of Object.values(routers)) {
      expect(Object.keys(services)).toContain(router.service);
      for (const name of router.middlewares ?? []) expect(Object.keys(middlewares)).toContain(name);
      for (const name of router.entryPoints) expect(flags).toContain(`--entryPoints.${name}.address=`);
      const { certResolver } = router.tls ?? {};
      expect(flags).toContain(certResolver === undefined ? "" : `--certificatesResolvers.${certResolver}.acme.`);
    }
    for (const { loadBalancer } of Object.values(services))
      expect(Object.keys(serversTransports)).toContain(loadBalancer.serversTransport);
    const used = Object.values(routers).flatMap((router) => router.middlewares ?? []);
    expect(Object.keys(middlewares).filter((name) => !used.includes(name))).toEqual([]);
  }
});

test("of two routers that match, health comes first", () => {
  for (const settings of cases) {
    const entries = Object.entries(read(settings).http.routers);
    const health = entries.filter(([name]) => name.endsWith("-health")).map(([, { priority = 0 }]) => priority);
    const others = entries.filter(([name]) => !name.endsWith("-health")).map(([, { priority = 0 }]) => priority);
    expect(Math.min(...health)).toBeGreaterThan(Math.max(...others));
  }
});

test("every flag is one of Traefik's", () => {
  for (const settings of cases) for (const flag of flagsOf(settings)) expect(flag).toMatch(traefikFlag);
});
