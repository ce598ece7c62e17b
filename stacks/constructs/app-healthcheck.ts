/** The health check of an app() as Docker takes it. */
import type { ContainerHealthcheck } from "@cdktf/provider-docker/lib/container/index.js";
import type { AppServer } from "../catalog/kinds/app.ts";
import { escaped } from "./container-defaults.ts";

/** Seconds that an app has to become healthy: a database makes its files first. */
export const HEALTHY_TIMEOUT = 180;

/** @param port the port of the app, for a check of a path */
export function healthcheckOf(check: NonNullable<AppServer["healthcheck"]>, port: number): ContainerHealthcheck {
  const { interval = "10s", timeout = "5s", startPeriod = "1m", retries = 3 } = check;
  return {
    test: "test" in check ? ["CMD", ...check.test.map(escaped)] : ["CMD-SHELL", asking(check.path, port)],
    interval: asDockerWrites(interval),
    timeout: asDockerWrites(timeout),
    startPeriod: asDockerWrites(startPeriod),
    retries,
  };
}

/** Small images have wget (BusyBox) or curl, rarely both. */
function asking(path: string, port: number): string {
  const url = `'http://127.0.0.1:${port}${path}'`;
  return `wget -q -O /dev/null ${url} || curl -fsS -o /dev/null ${url} || exit 1`;
}

/** "90s" and "2m" as "1m30s" and "2m0s": the provider reports any other spelling as a change. */
function asDockerWrites(time: string): string {
  const seconds = Number(time.slice(0, -1)) * (time.endsWith("m") ? 60 : 1);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const parts = [hours > 0 ? `${hours}h` : "", hours + minutes > 0 ? `${minutes}m` : ""];
  return `${parts.join("")}${seconds % 60}s`;
}
