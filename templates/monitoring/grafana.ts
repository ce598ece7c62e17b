/** What Grafana is given when it starts: where Prometheus is, and the dashboard. JSON is YAML, too. */
import { dashboard } from "./dashboard.ts";

const PROVISIONING = "/etc/grafana/provisioning";
const DASHBOARDS = "/etc/grafana/dashboards";

/** Its files by their paths. @param prometheus the URL of Prometheus */
export const grafanaFiles = (prometheus: string): Readonly<Record<string, string>> => ({
  [`${PROVISIONING}/datasources/gangway.yaml`]: text({
    apiVersion: 1,
    datasources: [{ name: "Prometheus", type: "prometheus", access: "proxy", url: prometheus, isDefault: true }],
  }),
  [`${PROVISIONING}/dashboards/gangway.yaml`]: text({
    apiVersion: 1,
    providers: [{ name: "Gangway", type: "file", options: { path: DASHBOARDS } }],
  }),
  [`${DASHBOARDS}/gangway.json`]: text(dashboard()),
});

const text = (content: object) => `${JSON.stringify(content)}\n`;
