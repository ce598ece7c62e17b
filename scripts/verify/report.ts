/** What `npx gangway verify` prints: a row for each service, and below the table what is wrong and what to do. `--json` has every check. */
import { type Cell, renderTable, wrap } from "../kit/table.ts";
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
  const visited = findings.filter(({ service }) => service.state === "up");
  const table = visited.length === 0 ? [] : [...renderTable(visited.map(row)), ""];
  return [...table, ...remarks(findings), summary(findings)];
}

function row({ service, outcomes }: Findings): Cell[] {
  const done = outcomes.filter(({ state }) => state !== "skipped");
  const failed = done.filter(({ state }) => state === "failed");
  const verdict: Cell[] =
    failed.length === 0
      ? [{ text: "ok", style: "green" }, { text: count(done.length, "check") }]
      : [{ text: "FAIL", style: "red" }, { text: `${failed.length} of ${count(done.length, "check")}` }];
  return [{ text: service.name, style: "bold" }, ...verdict, { text: told(outcomes), style: "dim" }];
}

/** What is worth knowing of checks that passed. */
function told(outcomes: readonly Outcome[]): string {
  const passed = new Map(outcomes.filter(({ state }) => state === "ok").map(({ check, detail }) => [check, detail]));
  const [tools, stream] = [passed.get("tools"), passed.get("stream")];
  return [tools && count(Number(tools), "tool"), stream && `stream after ${stream}`].filter(Boolean).join(", ");
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** What several services have in common is said once. */
function remarks(findings: readonly Findings[]): string[] {
  const told = new Map<string, { readonly names: string[]; readonly said: string; readonly hint: string }>();
  for (const { service, said, hint } of findings.flatMap(problemsOf)) {
    const { names } = told.get(`${said}\n${hint}`) ?? { names: [] };
    told.set(`${said}\n${hint}`, { names: [...names, service], said, hint });
  }
  return [...told.values()].flatMap(({ names, said, hint }) => [
    ...wrap(`${names.join(", ")}${said}`),
    ...(hint === "" ? [] : wrap(hint, "    ")),
  ]);
}

interface Problem {
  readonly service: string;
  /** What follows its name. */
  readonly said: string;
  readonly hint: string;
}

function problemsOf({ service, outcomes }: Findings): Problem[] {
  const { name, state, needs, error } = service;
  if (state === "needs") return [{ service: name, said: ` is not checked: it needs ${needs}`, hint: "" }];
  if (state !== "up") return [{ service: name, said: ` failed: ${error ?? "it has not started"}`, hint: "" }];
  const failed = outcomes.filter((outcome) => outcome.state === "failed");
  return failed.map(({ check, detail, hint }) => ({ service: name, said: `, ${check}: ${detail}`, hint: hint ?? "" }));
}

function summary(findings: readonly Findings[]): string {
  const wrong = findings.filter((each) => !isFine(each)).map(({ service }) => service.name);
  const checked = findings.filter(({ service }) => service.state === "up").length;
  if (checked === 0) return "nothing was checked: none of these services runs";
  return wrong.length === 0
    ? `all is well (${checked} of ${findings.length} checked)`
    : `not well: ${wrong.join(", ")}`;
}
