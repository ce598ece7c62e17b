import { describe, expect, test } from "vitest";
import { defineServices } from "../catalog/define.ts";
import { command } from "../catalog/kinds/command.ts";
import { production as all } from "../fixtures/production.ts";
import { Settings } from "../settings.ts";
import { engineUrl } from "../provision/ssh.ts";
import { loginOf, missingValues, readCloudSettings } from "./cloud.ts";

const services = Object.values(
  defineServices({
    coda: { server: command(["serve"]), port: 1, secrets: ["CODA_API_TOKEN"], optionalSecrets: ["MORE"] },
  }),
);
const read = (env: Record<string, string>) => readCloudSettings(new Settings(services, env), services);

describe("DOMAIN is the switch", () => {
  test("without it there is no deployment under a domain, whatever else is set", () => {
    const { DOMAIN: _, ...others } = all;
    expect(read(others)).toBeUndefined();
  });

  test("with it and nothing else, one message names every missing value and where to get it, and no service's secret", () => {
    const error = (() => {
      try {
        return read({ DOMAIN: "example.org" });
      } catch (thrown) {
        return (thrown as Error).message;
      }
    })() as string;
    for (const name of Object.keys(all).filter((name) => !["DOMAIN", "CODA_API_TOKEN"].includes(name)))
      expect(error).toContain(name);
    expect(error).toContain("https://cloud.digitalocean.com/account/api/tokens");
    expect(error).not.toMatch(/CODA_API_TOKEN|MORE/);
  });

  test("with everything, the settings have their defaults", () => {
    expect(read(all)).toMatchObject({
      domain: "example.org",
      exposure: "tunnel",
      region: "fra1",
      size: "s-1vcpu-2gb",
      sshPort: 22,
      sshFrom: [],
      adopt: false,
      challenge: "HTTP-01",
    });
  });
});

test("a word other than the expected ones is refused, with the variable's name", () => {
  expect(() => read({ ...all, EXPOSURE: "open" })).toThrow(
    'EXPOSURE (from the environment) is "open", expected tunnel or direct',
  );
});

test("missing values are reported without DOMAIN too, to show what the other stacks would need", () => {
  const names = missingValues(new Settings(services, { MCP_BEARER_TOKEN: "x" })).map(([name]) => name);
  expect(names).toContain("DIGITALOCEAN_TOKEN");
  expect(names).not.toContain("MCP_BEARER_TOKEN");
});

describe("SERVER, a machine that exists,", () => {
  const { DIGITALOCEAN_TOKEN: _, SSH_PUBLIC_KEY: __, ...others } = all;
  const there = { ...others, SERVER: "root@203.0.113.5:2222" };

  test("needs no token of DigitalOcean and no key for a droplet", () => {
    expect(read(there)).toMatchObject({ machine: { user: "root", host: "203.0.113.5", port: 2222 } });
    const names = missingValues(new Settings(services, { SERVER: "root@box" })).map(([name]) => name);
    expect(names).toEqual(expect.not.arrayContaining(["DIGITALOCEAN_TOKEN", "SSH_PUBLIC_KEY"]));
    expect(names).toContain("CLOUDFLARE_API_TOKEN");
  });

  test("is said of a droplet to be none", () => {
    expect(read(all)?.machine).toBeUndefined();
  });

  test.each([
    ["DROPLET_SIZE", "s-1vcpu-2gb"],
    ["DROPLET_REGION", "fra1"],
    ["VOLUME_SIZE", "20"],
    ["SSH_PORT", "22"],
    ["SSH_FROM", "198.51.100.7/32"],
    ["SSH_PUBLIC_KEY", all.SSH_PUBLIC_KEY],
  ])("leaves %s without an effect, which is said", (name, value) => {
    expect(() => read({ ...there, [name]: value })).toThrow(`${name} (from the environment) has no effect with SERVER`);
  });

  test("is an address where records point at it, and may be any name of ssh's behind a tunnel", () => {
    const named = { ...there, SERVER: "box" };
    expect(read(named)).toMatchObject({ machine: { host: "box" } });
    expect(() => read({ ...named, EXPOSURE: "direct" })).toThrow(
      'SERVER (from the environment) is "box", expected an IPv4',
    );
    expect(read({ ...there, EXPOSURE: "direct" })).toMatchObject({ exposure: "direct" });
  });

  test.each([
    ["SERVER", "https://203.0.113.5", "expected a machine as ssh reaches it"],
    ["SERVER_HOST_KEY", "4f:7c:19", "expected a fingerprint such as SHA256:"],
  ])("%s in another form is refused", (name, value, expected) => {
    expect(() => read({ ...there, [name]: value })).toThrow(expected);
  });

  test.each([`SHA256:${"a".repeat(43)}`, all.SSH_PUBLIC_KEY])("may have its key named: %s", (key) => {
    expect(() => read({ ...there, SERVER_HOST_KEY: key })).not.toThrow();
    expect(() => read({ ...all, SERVER_HOST_KEY: key })).toThrow(
      "SERVER_HOST_KEY (from the environment) has no effect",
    );
  });
});

test.each([
  [{}, "ssh://root@host:22"],
  [{ SSH_PORT: "2222" }, "ssh://root@host:2222"],
  [{ SERVER: "ops@machine.example:2200", SSH_PORT: "2222" }, "ssh://ops@machine.example:2200"],
  [{ SERVER: "machine" }, "ssh://machine"],
])("the engine of the host is where SERVER or the droplet lets us in: %j", (env, url) => {
  const settings = new Settings(services, env);
  const address = settings.value("SERVER")?.replace(/^.*@|:.*$/g, "") ?? "host";
  expect(engineUrl(address, loginOf(settings))).toBe(url);
});
