import { describe, expect, test } from "vitest";
import type { ServiceEntry } from "./catalog/entry.ts";
import { app } from "./catalog/kinds/app.ts";
import { http } from "./catalog/kinds/http.ts";
import { type Synthesized, synthesizeLocal } from "./fixtures/synth.ts";

const services = {
  coda: { server: http("https://example.org/mcp"), port: 8080 },
  github: { server: http("https://example.org/mcp"), port: 8081 },
  web: app({ image: "example/web:1", port: 8090 }),
} satisfies Record<string, ServiceEntry>;

const monitoring = {
  prometheus: app({
    image: "prom/prometheus:v3.8.0",
    port: 9090,
    public: false,
    monitoring: "prometheus",
    volumes: { "/prometheus": "prometheus" },
  }),
  grafana: app({
    image: "grafana/grafana:12.3.0",
    port: 3030,
    monitoring: "grafana",
    env: { GF_SERVER_HTTP_PORT: "3030" },
    secrets: ["GF_SECURITY_ADMIN_PASSWORD"],
    secretsAs: "variables",
    command: ["/run.sh"],
    volumes: { "/var/lib/grafana": "grafana" },
  }),
  blackbox: app({ image: "prom/blackbox-exporter:v0.27.0", port: 9115, public: false, monitoring: "blackbox" }),
} satisfies Record<string, ServiceEntry>;

const env = { GF_SECURITY_ADMIN_PASSWORD: "the-password-of-grafana" };
const plain = synthesizeLocal(services);
const monitored = synthesizeLocal({ ...services, ...monitoring }, env);

const networksOf = (name: string, { resource }: Synthesized = monitored) =>
  (resource(`${name}/container`)["networks_advanced"] as { name: string; aliases?: string[] }[]).map((one) => ({
    ...one,
    name: /docker_network\.networks_(.+)_\w+\.name/.exec(one.name)?.[1],
  }));

const filesOf = (name: string, { resource }: Synthesized = monitored) =>
  Object.fromEntries(
    (resource(`${name}/container`)["upload"] as { file: string; content: string }[]).map(({ file, content }) => [
      file,
      content,
    ]),
  );

describe("without a Prometheus in the catalog", () => {
  test("a gateway has its metrics inside its container alone, and there is no network for them", () => {
    const { env } = plain.resource("coda/container") as { env: string[] };
    expect(env).toContain("METRICS_PORT=9091");
    expect(env.join()).not.toContain("METRICS_HOST");
    expect(plain.paths("docker_network")).not.toContain("networks/metrics");
    expect(plain.text).not.toContain("metrics.conf");
  });
});

describe("with a Prometheus in the catalog", () => {
  test("gateways listen for it on a network that they have in common with it alone", () => {
    for (const name of ["coda", "github"]) {
      expect(networksOf(name)).toContainEqual({ name: "metrics", aliases: [`${name}.metrics`] });
      expect(monitored.resource(`${name}/container`)["env"]).toContain(`METRICS_HOST=${name}.metrics`);
    }
    const onIt = ["prometheus", "grafana", "web", "nginx-proxy"].filter((name) =>
      networksOf(name).some((network) => network.name === "metrics"),
    );
    expect(onIt).toEqual(["prometheus"]);
  });

  test("nginx has its metrics on another network, where no gateway is", () => {
    expect(networksOf("nginx-proxy")).toContainEqual({ name: "monitoring", aliases: ["nginx-proxy.metrics"] });
    const { upload } = monitored.resource("nginx-proxy/files/container") as {
      upload: { file: string; content: string }[];
    };
    expect(upload.find(({ file }) => file.endsWith("/metrics.conf"))?.content).toContain(
      "listen nginx-proxy.metrics:9091;",
    );
    for (const name of ["coda", "web"])
      expect(networksOf(name).map((network) => network.name)).not.toContain("monitoring");
  });

  test("Prometheus is told of every gateway in the form of the stack's documents, and of the rules", () => {
    const files = filesOf("prometheus");
    const { scrape_configs: jobs, rule_files: rules } = JSON.parse(files["/etc/prometheus/prometheus.yml"]!) as {
      scrape_configs: object[];
      rule_files: string[];
    };
    expect(jobs).toEqual([
      { job_name: "mcp-gateway", static_configs: [{ targets: ["coda.metrics:9091", "github.metrics:9091"] }] },
      { job_name: "nginx-proxy", static_configs: [{ targets: ["nginx-proxy.metrics:9091"] }] },
    ]);
    expect(files[rules[0]!]).toContain("alert: ServiceNotReady");
    expect(networksOf("prometheus").map(({ name }) => name)).toEqual(["monitoring", "metrics"]);
    expect(monitored.resource("prometheus/container")).not.toHaveProperty("ports");
  });

  test("Grafana is told where Prometheus is, and has the dashboard; a browser reaches it through the proxy", () => {
    const files = filesOf("grafana");
    const datasources = JSON.parse(files["/etc/grafana/provisioning/datasources/gangway.yaml"]!) as object;
    expect(datasources).toMatchObject({ datasources: [{ type: "prometheus", url: "http://prometheus:9090" }] });
    // Terraform makes one dollar of two.
    const written = files["/etc/grafana/dashboards/gangway.json"]!.replaceAll("$${", "${");
    expect(JSON.parse(written)).toMatchObject({ title: "Gangway", uid: "gangway" });
    expect(networksOf("grafana").map(({ name }) => name)).toEqual(["monitoring", "syncbricks"]);
    expect(monitored.resource("grafana/container")["env"]).toContain("VIRTUAL_HOST=grafana.localhost");
  });

  test("a service that is added changes Prometheus alone", () => {
    const late: ServiceEntry = { server: http("https://example.org/mcp"), port: 8099 };
    const more = synthesizeLocal({ ...services, ...monitoring, late }, env);
    for (const name of ["coda", "github", "web", "grafana", "nginx-proxy", "nginx-proxy/files"])
      expect(more.resource(`${name}/container`), name).toEqual(monitored.resource(`${name}/container`));
    expect(filesOf("prometheus", more)["/etc/prometheus/prometheus.yml"]).toContain("late.metrics:9091");
  });
});
