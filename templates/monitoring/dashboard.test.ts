import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { METRICS } from "../../gateways/metrics/table.ts";
import { dashboard } from "./dashboard.ts";

const read = (file: string) => readFileSync(join(import.meta.dirname, file), "utf8");

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

const rules = (parse(read("alerts.yml")) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);
const { panels, templating } = dashboard();
const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

/** What a histogram is asked for. */
const SUFFIX = /_(bucket|sum|count)$/;

/** What others emit: nginx by our own file, the connector, the blackbox exporter, and Prometheus itself. */
const others = [
  ...Array.from(read("../nginx/metrics.conf").matchAll(/# TYPE (\w+)/g), ([, name]) => name!),
  "cloudflared_tunnel_ha_connections",
  "cloudflared_tunnel_total_requests",
  "cloudflared_tunnel_request_errors",
  "probe_success",
  "probe_ssl_earliest_cert_expiry",
  "up",
  "ALERTS",
];

/** Words of PromQL that stand where a metric could. */
const WORDS = new Set(["by", "without", "on", "ignoring", "and", "or", "unless", "offset", "bool"]);

/** The metrics that a query asks for. */
function askedFor(query: string): string[] {
  const bare = query
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, " ")
    .replaceAll(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, " ");
  const names = Array.from(bare.matchAll(/\b[a-zA-Z_]\w*\b(?!\s*\()/g), ([name]) => name);
  return names.filter((name) => !WORDS.has(name));
}

/** The metric of a series, if it is one of the gateway's. */
const gatewaysOwn = (name: string) => [name, name.replace(SUFFIX, "")].find((one) => Object.hasOwn(METRICS, one));

test("the metrics of a query are found", () => {
  expect(askedFor('sum by (a, b) (rate(x_total{c="y_total"}[5m])) / z offset 5m > 14 * 86400 and up == 0')).toEqual([
    "x_total",
    "z",
    "up",
  ]);
});

test.each([...queries, ...rules.map(({ expr }) => expr)])("%s asks only for what there is", (query) => {
  const names = askedFor(query);
  expect(names).not.toEqual([]);
  expect(names.filter((name) => gatewaysOwn(name) === undefined && !others.includes(name))).toEqual([]);
});

test("a histogram is asked for its parts, and nothing else is", () => {
  for (const name of [...queries, ...rules.map(({ expr }) => expr)].flatMap(askedFor)) {
    const metric = gatewaysOwn(name);
    if (metric === undefined) continue;
    const { type } = METRICS[metric as keyof typeof METRICS];
    expect([name, SUFFIX.test(name)]).toEqual([name, type === "histogram"]);
  }
});

describe("the dashboard", () => {
  test("shows every metric of the gateway", () => {
    const shown = new Set(queries.flatMap(askedFor).map(gatewaysOwn));
    expect(Object.keys(METRICS).filter((name) => !shown.has(name))).toEqual([]);
  });

  test("begins with the five panels of the stack's documents", () => {
    const first = ["Request rate", "Error rate", "Active connections", "Response time", "Store operations"];
    expect(panels.slice(0, 5).map(({ title }) => title)).toEqual(first);
  });

  test("has a description and a title of its own for each panel, and none over another", () => {
    const titles = panels.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    for (const { description, gridPos } of panels) {
      expect(description).toMatch(/^[A-Z0-9n].*\.$/);
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    }
    const places = panels.map(({ gridPos: { x, y } }) => `${x},${y}`);
    expect(new Set(places).size).toBe(places.length);
  });

  test("names no data source of one Grafana, and has the schema that every Grafana of the last years reads", () => {
    expect(dashboard().schemaVersion).toBeLessThan(40);
    for (const { datasource } of panels) expect(datasource).toEqual({ type: "prometheus", uid: "${datasource}" });
    expect(templating.list.map(({ name }) => name)).toEqual(["datasource", "service"]);
  });
});

test("each alert rule is tried by promtool with what it tells of", () => {
  interface Tried {
    readonly alertname: string;
    readonly exp_alerts: readonly unknown[];
  }
  const { tests } = parse(read("alerts.test.yml")) as { tests: { alert_rule_test: Tried[] }[] };
  const fired = tests.flatMap(({ alert_rule_test: all }) => all).filter(({ exp_alerts: alerts }) => alerts.length > 0);
  expect(new Set(fired.map(({ alertname }) => alertname))).toEqual(new Set(rules.map(({ alert }) => alert)));
});
