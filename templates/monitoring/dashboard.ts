/** Grafana's dashboard: what is asked of Prometheus, and how it is shown. Every metric of the gateway is on a panel. */

interface Panel {
  readonly title: string;
  /** What a reader sees in it, in a sentence. */
  readonly description: string;
  /** Grafana's word for the unit. @default "short" */
  readonly unit?: string;
  readonly type?: "timeseries" | "stat" | "table";
  /** Queries in PromQL, each with the name of its lines. */
  readonly queries: readonly (readonly [query: string, legend: string])[];
}

const OPERATIONS = "mcp_server_operation_duration_seconds";
const STORE = "mcp_gateway_store_operation_duration_seconds";
const OF = '{service=~"$service"}';
const FAILED = '{service=~"$service", error_type!="", error_type!="cancelled"}';
const quantile = (q: number, name: string, by = "service") =>
  `histogram_quantile(${q}, sum by (${by}, le) (rate(${name}_bucket${OF}[$__rate_interval])))`;
const rate = (name: string, by: string, of = OF) => `sum by (${by}) (rate(${name}${of}[$__rate_interval]))`;

/** In the order in which they are read; the first five are those that the stack's documents ask for. */
const PANELS: readonly Panel[] = [
  {
    title: "Request rate",
    description: "Requests a second, with those that were refused.",
    unit: "reqps",
    queries: [
      [rate(`${OPERATIONS}_count`, "service"), "{{service}}"],
      ["sum(rate(mcp_gateway_requests_total[$__rate_interval]))", "all"],
    ],
  },
  {
    title: "Error rate",
    description: "The part of the requests that failed, and all errors a second.",
    unit: "percentunit",
    queries: [
      [`${rate(`${OPERATIONS}_count`, "service", FAILED)} / ${rate(`${OPERATIONS}_count`, "service")}`, "{{service}}"],
      [
        "sum(rate(mcp_gateway_errors_total[$__rate_interval])) / sum(rate(mcp_gateway_requests_total[$__rate_interval]))",
        "all",
      ],
    ],
  },
  {
    title: "Active connections",
    description: "Connections of clients, or of the proxy in front, that are open.",
    queries: [["sum by (instance) (mcp_gateway_active_connections)", "{{instance}}"]],
  },
  {
    title: "Response time",
    description: "Half of the requests, and 95 of 100, were answered in this time.",
    unit: "s",
    queries: [
      [quantile(0.5, OPERATIONS), "{{service}} p50"],
      [quantile(0.95, OPERATIONS), "{{service}} p95"],
    ],
  },
  {
    title: "Store operations",
    description: "What gateways keep for each other, and how long that takes.",
    unit: "ops",
    queries: [
      [rate(`${STORE}_count`, "operation, error_type"), "{{operation}} {{error_type}}"],
      [quantile(0.95, STORE, "operation"), "{{operation}} p95 (s)"],
    ],
  },
  {
    title: "Ready",
    description: "1: its server can be called.",
    type: "stat",
    queries: [[`min by (service) (mcp_gateway_service_ready${OF})`, "{{service}}"]],
  },
  {
    title: "Calls by tool",
    description: "Calls a second of each tool; other: names that no server lists.",
    unit: "reqps",
    queries: [
      [
        rate(`${OPERATIONS}_count`, "gen_ai_tool_name", '{service=~"$service", gen_ai_tool_name!=""}'),
        "{{gen_ai_tool_name}}",
      ],
    ],
  },
  {
    title: "Response time by tool",
    description: "95 of 100 calls of the tool were answered in this time.",
    unit: "s",
    queries: [[quantile(0.95, OPERATIONS, "gen_ai_tool_name"), "{{gen_ai_tool_name}}"]],
  },
  {
    title: "Errors by cause",
    description: "The code or status of what failed, and the gateway's own errors by their names.",
    unit: "reqps",
    queries: [
      [rate(`${OPERATIONS}_count`, "error_type", FAILED), "{{error_type}}"],
      [rate("mcp_gateway_refusals_total", "error"), "{{error}}"],
    ],
  },
  {
    title: "Sessions and streams",
    description: "What clients have open.",
    queries: [
      [`sum by (service) (mcp_gateway_sessions${OF})`, "{{service}} sessions"],
      [`sum by (service) (mcp_gateway_open_streams${OF})`, "{{service}} streams"],
    ],
  },
  {
    title: "Session duration",
    description: "Half of the sessions that ended were open for this long.",
    unit: "s",
    queries: [[quantile(0.5, "mcp_server_session_duration_seconds"), "{{service}}"]],
  },
  {
    title: "Open calls",
    description: "Calls without an answer, and those of them that have not reached the server.",
    queries: [
      [`sum by (service) (mcp_gateway_open_calls${OF})`, "{{service}} open"],
      [`sum by (service) (mcp_gateway_waiting_calls${OF})`, "{{service}} waiting"],
    ],
  },
  {
    title: "Server processes and restarts",
    description: "Processes of each server, and how often one ended by itself in the last hour.",
    queries: [
      [`sum by (service) (mcp_gateway_server_processes${OF})`, "{{service}} processes"],
      [`sum by (service) (increase(mcp_gateway_server_restarts_total${OF}[1h]))`, "{{service}} restarts"],
    ],
  },
  {
    title: "Traffic",
    description: "Bytes from and to clients.",
    unit: "Bps",
    queries: [
      ["sum(rate(mcp_gateway_received_bytes_total[$__rate_interval]))", "received"],
      ["sum(rate(mcp_gateway_sent_bytes_total[$__rate_interval]))", "sent"],
    ],
  },
  {
    title: "Memory",
    description: "What the processes have, what of that waits for readers and turns, and how much may.",
    unit: "bytes",
    queries: [
      ['process_resident_memory_bytes{job="mcp-gateway"}', "{{instance}} process"],
      ["mcp_gateway_held_bytes", "{{instance}} waiting"],
      ["mcp_gateway_held_bytes_limit", "{{instance}} limit"],
    ],
  },
  {
    title: "Processor",
    description: "Cores that the gateways use.",
    queries: [['rate(process_cpu_seconds_total{job="mcp-gateway"}[$__rate_interval])', "{{instance}}"]],
  },
  {
    title: "Event loop",
    description: "How late 99 of 100 turns were at most. Above 0.1 s callers feel it.",
    unit: "s",
    queries: [["nodejs_eventloop_lag_p99_seconds", "{{instance}}"]],
  },
  {
    title: "Disk",
    description: "Free and all bytes of the disk that the state is on.",
    unit: "bytes",
    queries: [
      ["min(mcp_gateway_disk_free_bytes)", "free"],
      ["max(mcp_gateway_disk_size_bytes)", "all"],
    ],
  },
  {
    title: "nginx-proxy",
    description: "Connections of the proxy in front of the gateways.",
    queries: [
      ["nginx_connections_active", "active"],
      ["nginx_connections_waiting", "waiting"],
    ],
  },
  {
    title: "Tunnel",
    description: "Connections of the connector to Cloudflare, and its requests a second.",
    queries: [
      ["cloudflared_tunnel_ha_connections", "connections"],
      ["rate(cloudflared_tunnel_total_requests[$__rate_interval])", "requests"],
      ["rate(cloudflared_tunnel_request_errors[$__rate_interval])", "errors"],
    ],
  },
  {
    title: "Public names",
    description: "Whether each answers through the edge, and in how many days its certificate ends.",
    queries: [
      ["probe_success", "{{instance}}"],
      ["(probe_ssl_earliest_cert_expiry - time()) / 86400", "{{instance}} days"],
    ],
  },
  {
    title: "Releases",
    description: "What runs, and since when.",
    type: "table",
    queries: [
      ["mcp_gateway_build_info", "{{instance}} {{version}}"],
      ['process_start_time_seconds{job="mcp-gateway"} * 1000', "{{instance}} since"],
    ],
  },
  {
    title: "Alerts",
    description: "What Prometheus tells of at the moment.",
    type: "table",
    queries: [['ALERTS{alertstate="firing"}', "{{alertname}}"]],
  },
];

const DATASOURCE = { type: "prometheus", uid: "${datasource}" };
const [COLUMNS, WIDTH, HEIGHT] = [3, 8, 8];

/** The dashboard as Grafana reads it. Its schema is the last one that Grafana 10 takes, and that later ones convert. */
export const dashboard = () => ({
  uid: "gangway",
  title: "Gangway",
  schemaVersion: 39,
  refresh: "30s",
  time: { from: "now-6h", to: "now" },
  templating: {
    list: [
      { name: "datasource", type: "datasource", query: "prometheus" },
      {
        name: "service",
        type: "query",
        datasource: DATASOURCE,
        query: "label_values(mcp_gateway_service_ready, service)",
        refresh: 2,
        multi: true,
        includeAll: true,
        current: { text: "All", value: "$__all" },
      },
    ],
  },
  panels: PANELS.map(({ title, description, unit = "short", type = "timeseries", queries }, at) => ({
    id: at + 1,
    title,
    description,
    type,
    datasource: DATASOURCE,
    gridPos: { x: (at % COLUMNS) * WIDTH, y: Math.floor(at / COLUMNS) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(([expr, legendFormat], query) => ({
      refId: String.fromCharCode(65 + query),
      expr,
      legendFormat,
      ...(type === "timeseries" ? {} : { instant: true }),
    })),
  })),
});
