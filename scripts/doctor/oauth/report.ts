/** What `npx gangway doctor --oauth` prints: a row for each client, and below the table what is wrong, for whom, and what mends it. */
import { type Cell, renderTable, wrap } from "../../kit/table.ts";
import type { OAuthClient } from "./profiles/profile.ts";
import { type Finding, type Replay, type Step, steps } from "./outcome.ts";

/** What was replayed. */
export interface Report {
  readonly url: string;
  readonly replays: readonly Replay[];
  /** The client whose login was lived through; undefined when nobody logged in. */
  readonly loggedIn: OAuthClient | undefined;
}

/** The document of `--json`. */
export function document({ url, replays, loggedIn }: Report): object {
  const clients = replays.map((replay) => ({
    client: replay.client.id,
    title: replay.client.title,
    ok: !replay.hasFailed,
    source: replay.client.source,
    steps: steps.map((step) => ({ step, ...resultOf(replay, step) })),
  }));
  return { url, ok: !replays.some(({ hasFailed }) => hasFailed), loggedInAs: loggedIn?.id ?? null, clients };
}

function resultOf(replay: Replay, step: Step) {
  const result = replay.results.get(step);
  return { state: stateOf(replay, step), detail: result?.says ?? "", findings: result?.findings ?? [] };
}

type State = "ok" | "warning" | "failed" | "skipped";

function stateOf(replay: Replay, step: Step): State {
  const result = replay.results.get(step);
  if (!result) return "skipped";
  const states = result.findings.map(({ state }) => state);
  return states.includes("failed") ? "failed" : (states[0] ?? "ok");
}

/** The table, each problem once, and a summary. */
export function report({ replays, loggedIn }: Report): string[] {
  const title = ["client", ...steps].map((text): Cell => ({ text, style: "dim" }));
  return [...renderTable([title, ...replays.map(row)]), "", ...problemLines(replays), ...summary(replays, loggedIn)];
}

const cells = {
  ok: { text: "ok", style: "green" },
  warning: { text: "warning", style: "yellow" },
  failed: { text: "FAIL", style: "red" },
  skipped: { text: "-", style: "dim" },
} as const satisfies Record<State, Cell>;

const row = (replay: Replay): Cell[] => [
  { text: replay.client.title, style: "bold" },
  ...steps.map((step) => cells[stateOf(replay, step)]),
];

/** Failures first. */
function problemLines(replays: readonly Replay[]): string[] {
  return (["failed", "warning"] as const).flatMap((state) =>
    [...grouped(replays, state)].flatMap(([text, { titles, remedy }]) => [
      ...wrap(`${state === "failed" ? "FAIL for" : "Warning for"} ${told(titles, replays.length)}: ${text}`),
      ...wrap(remedy, "    "),
      "",
    ]),
  );
}

const told = (titles: readonly string[], all: number) => (titles.length === all ? "every client" : titles.join(", "));

/** What is the same for several clients is said once. */
function grouped(replays: readonly Replay[], state: Finding["state"]) {
  const found = new Map<string, { readonly titles: string[]; readonly remedy: string }>();
  for (const { client, findings } of replays)
    for (const { text, remedy } of findings.filter((one) => one.state === state)) {
      const group = found.get(text) ?? { titles: [], remedy };
      if (!group.titles.includes(client.title)) group.titles.push(client.title);
      found.set(text, group);
    }
  return found;
}

function summary(replays: readonly Replay[], loggedIn: OAuthClient | undefined): string[] {
  const failing = replays.filter(({ hasFailed }) => hasFailed).map(({ client }) => client.title);
  const verdict =
    failing.length === 0 ? "nothing was found that would stop a client" : `cannot log in: ${failing.join(", ")}`;
  const unchecked = "not checked, as nobody logged in: tokens, the list of tools, refresh and revocation";
  const as = `tokens, refresh and revocation were checked as ${loggedIn?.title}, the list of tools as each client`;
  return [...wrap(verdict), ...wrap(loggedIn ? as : unchecked)];
}
