/** What monitors a deployment: apps of the catalog with a part in that, and what each of them is given. */
import { readFileSync } from "node:fs";
import { grafanaFiles } from "../templates/monitoring/grafana.ts";
import { prometheusConfig, RULES } from "../templates/monitoring/prometheus.ts";
import { isPublic, METRICS_PORT, metricsName } from "./catalog/containers.ts";
import type { Service } from "./catalog/entry.ts";
import type { AppServer } from "./catalog/kinds/app.ts";
import { kindOf } from "./catalog/kinds/registry.ts";
import { shipped } from "./shipped.ts";

/** A part in monitoring. */
export type Part = NonNullable<AppServer["monitoring"]>;

/** The part that a service has; undefined = none. */
export const partOf = ({ server }: Pick<Service, "server">): Part | undefined =>
  server.kind === "app" ? server.monitoring : undefined;

/** Whether somebody asks the gateways for their metrics. */
export const isMonitored = (services: readonly Service[]): boolean =>
  services.some((service) => partOf(service) === "prometheus");

/** Where something has its metrics, on the networks of monitoring. */
export const metricsAddress = (name: string): string => `${metricsName(name)}:${METRICS_PORT}`;

/** What is to be monitored. */
export interface Monitored {
  readonly services: readonly Service[];
  /** The URL at which the world finds a service; undefined where it does not. */
  readonly urlOf: (service: Service) => string | undefined;
  /** Whether there is a connector. */
  readonly hasTunnel: boolean;
}

/** The files of an app by their paths in its container. None for what has no part in monitoring. */
export function monitoringFiles(service: Service, monitored: Monitored): Readonly<Record<string, string>> {
  switch (partOf(service)) {
    case "prometheus":
      return {
        "/etc/prometheus/prometheus.yml": prometheusConfig(targetsOf(monitored)),
        [RULES]: readFileSync(shipped("templates/monitoring/alerts.yml"), "utf8"),
      };
    case "grafana": {
      const prometheus = monitored.services.find((one) => partOf(one) === "prometheus");
      return prometheus ? grafanaFiles(`http://${prometheus.name}:${prometheus.port}`) : {};
    }
    case "blackbox": // its image has what it needs
    case undefined:
      return {};
  }
}

function targetsOf({ services, urlOf, hasTunnel }: Monitored) {
  const gateways = services.filter(({ server }) => kindOf(server).role !== "app");
  const exporter = services.find((one) => partOf(one) === "blackbox");
  const urls = services.filter(isPublic).flatMap((service) => urlOf(service) ?? []);
  return {
    gateways: gateways.map(({ name }) => metricsAddress(name)),
    nginx: metricsAddress("nginx-proxy"),
    cloudflared: hasTunnel ? metricsAddress("cloudflared") : undefined,
    outside: exporter && urls.length > 0 ? { urls, exporter: `${exporter.name}:${exporter.port}` } : undefined,
  };
}
