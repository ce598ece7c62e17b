import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import type { DeploymentState } from "./deployment.ts";
import { deploymentTable, otherLines, startTable } from "./tables.ts";

const plain = (lines: string[]) => lines.map((line) => stripVTControlCharacters(line).trimEnd());

const NOW = new Date("2026-11-30T12:00:00Z");
const url = "http://127.0.0.1:8082/mcp";

test("what npm start runs: a line a service, with why it is not up", () => {
  const since = "2026-11-30T11:15:00Z";
  const services = [
    { name: "memory", url, state: "up", tools: 9, since, sessions: 2, calls: 31, restarts: 1 },
    { name: "coda", url, state: "needs", needs: "CODA_API_TOKEN" },
    { name: "files", url, state: "failed", error: "exit code 1" },
  ] as const;
  expect(plain(startTable({ services }, NOW))).toEqual([
    "service  state    since  tools  sessions  calls/h  restarts  url                        why",
    `memory   up      45 min      9         2       31         1  ${url}`,
    `coda     needs                                               ${url}  needs CODA_API_TOKEN`,
    `files    failed                                              ${url}  exit code 1`,
  ]);
});

const services: DeploymentState["services"] = [
  {
    name: "memory",
    state: "ready",
    url,
    since: "2026-11-28T11:00:00Z",
    release: { gateway: "0123456789abcdef", server: "fedcba9876543210" },
    isPinned: true,
    sessions: 2,
    calls: 31,
    memory: 74_764_288,
    restarts: 3,
    certificateUntil: "2027-01-30T12:00:00Z",
    isInMaintenance: true,
  },
  { name: "n8n", state: "stopped", why: "exit code 137", release: { app: "n8n:2" }, wasOutOfMemory: true, restarts: 0 },
  { name: "coda", state: "needs", why: "CODA_API_TOKEN", url },
];

test("what is deployed: a line a service", () => {
  expect(plain(deploymentTable({ services }, NOW))).toEqual([
    "service  state                   release                    since  sessions  calls/h  memory  restarts  certificate  url",
    `memory   ready, maintenance      01234567+fedcba98, pinned    2 d         2       31   71 MB         3    61 d left  ${url}`,
    "n8n      stopped: exit code 137  n8n:2, ran out of memory                                            0",
    `coda     needs CODA_API_TOKEN                                                                                        ${url}`,
  ]);
});

test("without certificates there is no column for them", () => {
  expect(plain(deploymentTable({ services: services.slice(1) }, NOW))[0]).not.toContain("certificate");
});

const state: DeploymentState = {
  environment: "production",
  where: "the Docker of root@203.0.113.5",
  services,
  others: [
    { name: "nginx-proxy", part: "proxy", isRunning: true },
    { name: "cloudflared", part: "connector", isRunning: false },
  ],
  isTunnelConnected: false,
  maintenance: [{ of: "all", since: "2026-11-30T11:00:00Z", message: "Back at noon." }],
};

test("what serves all of them, the tunnel and maintenance have lines", () => {
  expect(otherLines(state)).toEqual([
    "Beside them run nginx-proxy.",
    "cloudflared should run, and does not: docker start cloudflared",
    "The tunnel is not connected.",
    "Maintenance is on for all services since 2026-11-30T11:00:00Z (Back at noon.): npx gangway maintenance off",
  ]);
});
