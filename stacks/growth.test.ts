import { afterEach, describe, expect, test, vi } from "vitest";
import type { ServiceEntry } from "./catalog/entry.ts";
import { npm } from "./catalog/kinds/npm.ts";
import { synthesizeLocal } from "./fixtures/synth.ts";
import { Settings } from "./settings.ts";
import { withoutTraces } from "./without-traces.ts";

afterEach(() => vi.restoreAllMocks());

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

const entry = (i: number): ServiceEntry => ({
  server: npm("@modelcontextprotocol/server-everything@2026.8.31", ["stdio"]),
  port: 10_000 + i,
  secrets: [`SECRET_${i}`],
  egress: "none",
});

/** Synthesizes so many services with a secret each, all with the same server. */
function synthesize(count: number): void {
  const entries = Object.fromEntries(numbers(count).map((i) => [`s${i}`, entry(i)]));
  const secrets = Object.fromEntries(numbers(count).map((i) => [`SECRET_${i}`, `the secret of s${i}`]));
  synthesizeLocal(entries, secrets);
}

/** Milliseconds of the processor that a synth takes. */
function costOf(count: number): number {
  const before = process.cpuUsage();
  synthesize(count);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

const leastOf = (times: number, count: number) => Math.min(...numbers(times).map(() => costOf(count)));

describe("a synth of many services", () => {
  test("costs in proportion to them: of 240 no more than six times that of 60", async () => {
    await withoutTraces(async () => {
      synthesize(30); // so that both are compiled
      const few = leastOf(3, 60);
      expect(leastOf(2, 240) / few).toBeLessThan(6);
    });
  });

  test("asks for a setting as often for each of them", () => {
    const asked = vi.spyOn(Settings.prototype, "value");
    const times = (count: number) => {
      asked.mockClear();
      synthesize(count);
      return asked.mock.calls.length;
    };
    const [few, many] = [times(5), times(20)];
    expect(few).toBeGreaterThan(5);
    expect(many / few).toBeLessThan(5);
  });

  test("looks into a lockfile no more often where several have the same server", () => {
    const parse = vi.spyOn(JSON, "parse");
    synthesize(20);
    const looks = parse.mock.calls.filter(([text]) => text.includes('"lockfileVersion"'));
    expect(looks.length).toBeLessThanOrEqual(2);
  });
});
