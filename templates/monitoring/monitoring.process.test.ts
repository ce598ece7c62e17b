/** The metrics, the rules and the dashboard with a real Prometheus, and nginx's own with a real nginx. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { freePort } from "../../gateways/fixtures/free-port.ts";
import { test, until } from "../../gateways/fixtures/harness.ts";
import { scrape } from "../../gateways/fixtures/scrape.ts";
import { render } from "../render.ts";
import { dashboard } from "./dashboard.ts";
import { prometheusConfig } from "./prometheus.ts";
import { Prometheus, prometheusIsMissing, promtool } from "./fixtures/prometheus.ts";

const MONITORING = import.meta.dirname;

if (prometheusIsMissing !== undefined) console.log(`skipped: ${prometheusIsMissing}`);

/** Every second, and alerts at once: nobody waits for minutes in a test. */
const hurried = (text: string) => text.replaceAll('"15s"', '"1s"').replaceAll(/for: \w+/g, "for: 0s");

/** As Grafana asks: with its own variables filled in. */
const filled = (query: string) => query.replaceAll("$__rate_interval", "1m").replaceAll("$service", ".*");

describe.skipIf(prometheusIsMissing !== undefined)("with Prometheus", () => {
  test("it takes what a gateway says, and promtool finds nothing to mend in it", async ({ start }) => {
    const { gateway, open } = await start({ metricsPort: 0 });
    const client = await open();
    for (const tool of ["echo", "no-such-tool"]) await client.tool(tool);
    const { text } = await scrape(gateway);
    expect(promtool(["check", "metrics"], text)).toBe("");
  });

  test("the alert rules tell of what they should, and of nothing else", () => {
    expect(promtool(["check", "rules", join(MONITORING, "alerts.yml")])).toMatch(/SUCCESS: \d+ rules found/);
    expect(promtool(["test", "rules", join(MONITORING, "alerts.test.yml")])).toContain("SUCCESS");
  });

  test("it scrapes a gateway, answers the dashboard, and tells of a service that is down", async ({ start }) => {
    const running = await start({ metricsPort: 0, service: { isolation: "shared" }, tokens: ["right-token"] });
    await running.client().initialize(); // without a token
    const client = await running.client({ authorization: "Bearer right-token" }).open();
    await client.tool("echo");
    const rules = hurried(readFileSync(join(MONITORING, "alerts.yml"), "utf8"));
    const targets = { gateways: [`127.0.0.1:${running.gateway.metricsPort}`, "127.0.0.1:9"] };
    const prometheus = await Prometheus.start((file) => hurried(prometheusConfig(targets, file)), rules);
    await until("it has asked twice", async () => {
      await client.tool("echo");
      return (await prometheus.query("rate(mcp_gateway_requests_total[1m]) > 0")).length > 0;
    });
    for (const { title, targets: asked } of dashboard().panels)
      for (const { expr } of asked) await expect(prometheus.query(filled(expr)), title).resolves.toBeDefined();
    const shown = await prometheus.query('mcp_server_operation_duration_seconds_count{gen_ai_tool_name="echo"}');
    expect(shown.map(({ metric }) => metric)).toMatchObject([{ job: "mcp-gateway", service: "fixture" }]);
    const firing = async () =>
      (await prometheus.query('ALERTS{alertstate="firing"}')).map(({ metric }) => metric["alertname"]!);
    await until("it tells of the gateway that is not there", async () => (await firing()).includes("GatewayDown"));
    expect(await firing()).not.toContain("ServiceNotReady");
    await running.service.stop();
    await until("it tells of the service", async () => (await firing()).includes("ServiceNotReady"));
    for (const { name, health, lastError } of await prometheus.rules())
      expect([name, health, lastError]).toEqual([name, "ok", undefined]);
  });

  test("it takes the configuration with everything that there may be", () => {
    const folder = mkdtempSync(join(tmpdir(), "prometheus-"));
    const [file, rules] = [join(folder, "prometheus.yml"), join(MONITORING, "alerts.yml")];
    const outside = { urls: ["https://memory.example.org/health"], exporter: "blackbox:9115" };
    const targets = { gateways: ["a.metrics:9091"], nginx: "b.metrics:9091", cloudflared: "c.metrics:9091", outside };
    writeFileSync(file, prometheusConfig(targets, rules));
    expect(promtool(["check", "config", file])).toContain("SUCCESS");
  });
});

const nginx = ["/usr/sbin/nginx", "nginx"].find((program) => spawnSync(program, ["-v"]).status === 0);
if (nginx === undefined) console.log("skipped: there is no nginx here: apt-get install nginx-light");

test.skipIf(nginx === undefined)("nginx tells its connections as Prometheus reads them", async ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), "nginx-"));
  const port = await freePort();
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const conf = `daemon off; pid ${folder}/pid; error_log stderr; events {}\nhttp { access_log off; ${paths.join(" ")}\n${render("nginx/metrics.conf", { address: `127.0.0.1:${port}` })} }`;
  writeFileSync(join(folder, "nginx.conf"), conf);
  const child = spawn(nginx!, ["-c", join(folder, "nginx.conf"), "-e", "stderr"], { stdio: "ignore" });
  onTestFinished(() => void child.kill());
  await until("nginx answers", () => fetch(`http://127.0.0.1:${port}/`).catch(() => undefined));
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(text).toMatch(/^nginx_connections_active [1-9]\d*$/m);
  expect(text.split("\n").filter((line) => /^nginx_connections_\w+ \d+$/.test(line))).toHaveLength(4);
});
