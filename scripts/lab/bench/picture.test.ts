import { expect, test } from "vitest";
import { picture } from "./picture.ts";
import type { Results, Row } from "./results.ts";

const one = { median: 0.9, min: 0.8, max: 1 };

const row = (target: string, perSecond: number | null, ratios: Row["ratios"] = {}): Row => ({
  target,
  values: { perSecond },
  errors: 0,
  ratios,
});

function results(gangway: number | null): Results {
  const ratios = { perSecond: { floor: one, peers: { "mcp-proxy": { ...one, median: 12.34 } } } };
  const rows = [row("gangway shared", gangway, ratios), row("floor shared", 40_000), row("mcp-proxy", 3_000)];
  return {
    machine: { date: "2026-11-21T00:00:00Z", node: "v24", platform: "linux x64", cpu: "A & B", cores: 2, memoryGb: 8 },
    rounds: 1,
    seconds: 1,
    longCalls: 1,
    calls: 1,
    cells: [],
    targets: [
      { name: "gangway shared", kind: "ours", isolation: "shared" },
      { name: "floor shared", kind: "floor", isolation: "shared" },
      { name: "mcp-proxy", kind: "peer", isolation: "shared" },
    ],
    tables: [{ name: "echo16", title: "", columns: [], betterPeer: "mcp-proxy", rows }],
  };
}

test("a bar of Gangway shows its value, as a multiple of the floor and of the better peer, too", () => {
  const svg = picture(results(36_000));
  expect(svg).toContain("36,000");
  expect(svg).toContain("0.90 x floor, 12.3 x mcp-proxy");
});

test("the name of the machine's processor cannot break the picture", () => {
  expect(picture(results(36_000))).toContain("A &amp; B");
});

test("the description contains every figure", () => {
  expect(picture(results(36_000))).toMatch(
    /<desc.*gangway shared 36,000.*floor shared 40,000.*mcp-proxy 3,000.*<\/desc>/,
  );
});

test("a panel without a value of Gangway is left out", () => {
  expect(picture(results(null))).not.toContain("Tool calls, 16 callers");
});
