import { expect, test } from "vitest";
import type { DeploymentState, ServiceState } from "./deployment.ts";
import { problemsIn } from "./problems.ts";

const deployment = (state: Partial<DeploymentState>): DeploymentState => ({
  environment: "production",
  where: "the Docker of root@203.0.113.5",
  services: [{ name: "memory", state: "ready" }],
  others: [{ name: "nginx-proxy", part: "proxy", isRunning: true }],
  maintenance: [],
  ...state,
});

const service = (state: ServiceState["state"], why?: string) =>
  deployment({ services: [{ name: "memory", state, why }] });

test.each<[what: string, one: Parameters<typeof problemsIn>[0]["deployments"][number], problem: string[]]>([
  ["all is well", deployment({ isTunnelConnected: true }), []],
  ["a service lacks a secret, which is its owner's wish", service("needs", "MEMORY_KEY"), []],
  [
    "a service is not ready",
    service("not ready", "it is starting"),
    ["memory (production): not ready: it is starting"],
  ],
  ["a service has ended", service("stopped", "exit code 1"), ["memory (production): stopped: exit code 1"]],
  ["a service is not there", service("not deployed"), ["memory (production): not deployed"]],
  [
    "the proxy has ended",
    deployment({ others: [{ name: "nginx-proxy", part: "proxy", isRunning: false }] }),
    ["nginx-proxy (production): does not run"],
  ],
  ["the tunnel is cut", deployment({ isTunnelConnected: false }), ["the tunnel (production): is not connected"]],
  [
    "a host does not answer",
    { environment: "production", problem: "connection refused" },
    ["production: does not answer: connection refused"],
  ],
])("%s", (_what, one, expected) => {
  const problems = problemsIn({ deployments: [one] });
  expect([...problems].map((pair) => pair.join(": "))).toEqual(expected);
});
