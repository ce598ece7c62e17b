import { describe, expect, test } from "vitest";
import { defineServices } from "../catalog/define.ts";
import { command } from "../catalog/kinds/command.ts";
import { production as all } from "../fixtures/production.ts";
import { Settings } from "../settings.ts";
import { missingValues, readCloudSettings } from "./cloud.ts";

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
