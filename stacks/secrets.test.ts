import { describe, expect, test } from "vitest";
import { serverOptions } from "../gateways/config.ts";
import { defineServices } from "./catalog/define.ts";
import { app } from "./catalog/kinds/app.ts";
import { http } from "./catalog/kinds/http.ts";
import { secretsOf, secretsVersion, versionOf } from "./secrets.ts";
import { readSettings } from "./settings.ts";

const { coda, plain, database } = defineServices({
  coda: { server: http("https://example.org/mcp"), port: 1, secrets: ["CODA"], optionalSecrets: ["MORE"] },
  plain: { server: http("https://example.org/mcp"), port: 2 },
  database: app({ image: "postgres:17.2", port: 3, secrets: ["CODA"] }),
});

const settings = (env: Record<string, string>) => readSettings([], { env, file: "/nowhere" });
const given = settings({ MCP_BEARER_TOKEN: "for-all", CODA: "own" });

describe("the secrets of a service", () => {
  test("are digests of the tokens that open it, and its own, as far as they are set", () => {
    expect([...secretsOf(plain, given, "services").keys()]).toEqual(["MCP_TOKEN_DIGESTS"]);
    expect([...secretsOf(coda, given, "services").keys()]).toEqual(["MCP_TOKEN_DIGESTS", "CODA"]);
  });

  test("have no token in them, only digests that the gateway can read", () => {
    const digests = secretsOf(coda, given, "services").get("MCP_TOKEN_DIGESTS") ?? "";
    expect(serverOptions.tokenDigests.read(digests)).toHaveLength(2);
    expect(digests).not.toContain("for-all");
  });

  test("of an app are its own alone", () => {
    expect([...secretsOf(database, given, "services")]).toEqual([["CODA", "own"]]);
  });

  test("on a droplet have no token that nobody has set", () => {
    expect(secretsOf(plain, settings({}), "services").get("MCP_TOKEN_DIGESTS")).toBe("");
  });
});

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Microseconds of the processor. */
function costOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  return process.cpuUsage(before).user;
}

const version = (...pairs: [string, string][]) => versionOf(new Map(pairs));

describe("a version", () => {
  test("is the same for the same values, and changes with each of them", () => {
    const versions = [
      version(["A", "1"]),
      version(["A", "2"]),
      version(["B", "1"]),
      version(["A", "1"], ["B", "1"]),
      version(),
    ];
    expect(version(["A", "1"])).toBe(versions[0]);
    expect(new Set(versions).size).toBe(versions.length);
    for (const each of versions) expect(each).toMatch(/^[0-9a-f]{24}$/);
  });

  test("takes long enough that trying values is dear", () => {
    const began = performance.now();
    version(["A", `never seen ${began}`]);
    expect(performance.now() - began).toBeGreaterThan(5);
  });
});

describe("the version of what a service is given", () => {
  const masters = ["7e1f9c3a5b8d20e46c1f7a9b", "old"];
  const versionFor = (service: typeof coda, value: string, all = masters) =>
    secretsVersion(service, new Map([["CODA", value]]), all);

  test("changes with a value, the service and the newest master, and with nothing else", () => {
    const versions = [
      versionFor(coda, "1"),
      versionFor(coda, "2"),
      versionFor({ ...coda, name: "other" }, "1"),
      versionFor(coda, "1", ["another-master"]),
      secretsVersion(coda, new Map([["MORE", "1"]]), masters),
      secretsVersion(coda, new Map([["CODA", '1","MORE","2']]), masters),
      secretsVersion(
        coda,
        new Map([
          ["CODA", "1"],
          ["MORE", "2"],
        ]),
        masters,
      ),
    ];
    expect(new Set(versions).size).toBe(versions.length);
    for (const each of versions) expect(each).toMatch(/^[0-9a-f]{24}$/);
    expect(versionFor(coda, "1", masters.slice(0, 1))).toBe(versions[0]);
  });

  test("of an app outlives the master: a database is not restarted by a token", () => {
    expect(versionFor(database, "1", ["another-master"])).toBe(versionFor(database, "1"));
    expect(versionFor(database, "1")).toBe(version(["CODA", "1"]));
  });

  test("cannot be found by trying values without the master, and without one takes long to try", () => {
    expect(versionFor(coda, "1")).not.toBe(version(["CODA", "1"]));
    expect(versionFor(coda, "1", [])).toBe(version(["CODA", "1"]));
  });

  test("of 500 services with a secret each costs less than ten values that are hashed slowly", () => {
    const slow = costOf(() => numbers(10).forEach((i) => version(["A", `never seen by anyone ${i}`])));
    const all = costOf(() => numbers(500).forEach((i) => versionFor({ ...coda, name: `s${i}` }, `value ${i}`)));
    expect(all).toBeLessThan(slow);
  });
});
