/** What `npx gangway verify` prints: a row for each service, and below the table what is wrong and what to do. */
import { type Cell, renderTable, wrap } from "../kit/table.ts";
import { checks } from "./checks.ts";
import { type Findings, isFine, type Outcome } from "./run.ts";

/** The document of `npx gangway verify --json`. */
export function document(findings: readonly Findings[], hub: string): object {
  const services = findings.map(({ service, outcomes }) => {
    const { name, url, state, needs = null, error = null } = service;
    return { name, url, state, needs, error, checks: outcomes };
  });
  return { hub, ok: findings.every(isFine), services };
}

/** The table, and a line or two for each problem. */
export function report(findings: readonly Findings[]): string[] {
  const head = ["service", ...checks.map(({ name }) => name)].map((text): Cell => ({ text, style: "dim" }));
  const visited = findings.filter(({ service }) => service.state === "up");
  const table = visited.length === 0 ? [] : [...renderTable([head, ...visited.map(row)]), "", ...legend, ""];
  return [...table, ...findings.flatMap(remarks), summary(findings)];
}

const legend = wrap(
  "oauth: no OAuth is advertised. token: a wrong one is refused (- where none is needed). stream: time to its first bytes. " +
    "lost: an unknown session is 404. 413: too long a body is refused. end: a session can be ended.",
);

function row({ service, outcomes }: Findings): Cell[] {
  return [{ text: service.name, style: "bold" }, ...outcomes.map(cell)];
}

function cell({ state, detail }: Outcome): Cell {
  if (state === "failed") return { text: "FAIL", style: "red" };
  return { text: detail, style: state === "ok" ? "green" : "dim" };
}

function remarks({ service, outcomes }: Findings): string[] {
  const { name, state, needs, error } = service;
  if (state === "needs") return wrap(`${name} is not checked: it needs ${needs}`);
  if (state !== "up") return wrap(`${name} failed: ${error ?? "it has not started"}`);
  const failed = outcomes.filter((outcome) => outcome.state === "failed");
  return failed.flatMap(({ check, detail, hint }) => [
    ...wrap(`${name}, ${check}: ${detail}`),
    ...wrap(hint ?? "", "    "),
  ]);
}

function summary(findings: readonly Findings[]): string {
  const wrong = findings.filter((each) => !isFine(each)).map(({ service }) => service.name);
  const checked = findings.filter(({ service }) => service.state === "up").length;
  return wrong.length === 0
    ? `all is well (${checked} of ${findings.length} checked)`
    : `not well: ${wrong.join(", ")}`;
}
