/** The tables of `gangway status`. */
import type { Container } from "../kit/containers.ts";
import type { ServiceHealth } from "../kit/hub.ts";
import { renderTable, right } from "../kit/table.ts";

/** What `gangway start` runs. */
export function startTable(services: readonly ServiceHealth[]): string[] {
  const head = [{ text: "service" }, { text: "state" }, right("tools"), { text: "url" }, { text: "why" }];
  const rows = services.map(({ name, state, tools, url, needs, error }) => [
    { text: name },
    { text: state },
    right(tools === null || tools === undefined ? "" : String(tools)),
    { text: url },
    { text: needs === null || needs === undefined ? (error ?? "") : `needs ${needs}` },
  ]);
  return renderTable([head, ...rows]);
}

/** What is deployed. */
export function containerTable(containers: readonly Container[]): string[] {
  const head = ["service", "part", "release", "container", "status"].map((text) => ({ text }));
  return renderTable([
    head,
    ...containers.map(({ service, part, release, name, status }) =>
      [service, part, release, name, status].map((text) => ({ text })),
    ),
  ]);
}
