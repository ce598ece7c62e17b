/** What Prometheus is told: whom to ask, and what to tell an operator of. JSON is YAML, too. */

/** Whom Prometheus asks. */
export interface Targets {
  /** Of each gateway: `localhost:9091`. */
  readonly gateways: readonly string[];
  /** @default - nobody asks it */
  readonly nginx?: string | undefined;
  /** @default - there is none */
  readonly cloudflared?: string | undefined;
  /** URLs that the blackbox exporter asks for, as the world does, and where that is. @default - there is none */
  readonly outside?: { readonly urls: readonly string[]; readonly exporter: string } | undefined;
}

/** Where Prometheus finds the rules, in its container. */
export const RULES = "/etc/prometheus/alerts.yml";

/** The whole prometheus.yml. @param rules the file of the alert rules */
export function prometheusConfig({ gateways, nginx, cloudflared, outside }: Targets, rules = RULES): string {
  const jobs = [
    job("mcp-gateway", gateways),
    ...(nginx === undefined ? [] : [job("nginx-proxy", [nginx])]),
    ...(cloudflared === undefined ? [] : [job("cloudflared", [cloudflared])]),
    ...(outside === undefined ? [] : [probes(outside)]),
  ];
  const global = { scrape_interval: "15s", evaluation_interval: "15s" };
  return `${JSON.stringify({ global, rule_files: [rules], scrape_configs: jobs }, undefined, 2)}\n`;
}

const job = (name: string, targets: readonly string[]) => ({ job_name: name, static_configs: [{ targets }] });

/** The exporter is asked, and told which URL it is about. */
const probes = ({ urls, exporter }: NonNullable<Targets["outside"]>) => ({
  ...job("public-names", urls),
  metrics_path: "/probe",
  params: { module: ["http_2xx"] },
  scrape_interval: "60s",
  relabel_configs: [
    { source_labels: ["__address__"], target_label: "__param_target" },
    { source_labels: ["__param_target"], target_label: "instance" },
    { target_label: "__address__", replacement: exporter },
  ],
});
