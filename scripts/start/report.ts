/** What `npm start` prints once its services have settled. */
import type { ServiceHealth } from "../kit/hub.ts";
import { type Cell, renderTable, wrap } from "../kit/table.ts";

/** The document of `npx gangway start --json`. */
export function document(services: readonly ServiceHealth[], hub: string): object {
  return { services: services.map(documentRow), hub };
}

const documentRow = ({ name, url, state, tools, needs, error }: ServiceHealth) => ({
  name,
  url,
  state,
  tools: tools ?? 0,
  needs: needs ?? null,
  error: error ?? null,
});

/** The table: a line for each service. */
export function serviceTable(services: readonly ServiceHealth[]): string[] {
  const head = ["service", "url", "state", "tools", "needs"].map((text): Cell => ({ text, style: "dim" }));
  return renderTable([head, ...services.map(serviceRow)]);
}

function serviceRow({ name, url, state, tools, needs }: ServiceHealth): Cell[] {
  return [
    { text: name, style: "bold" },
    { text: url },
    { text: state, style: colours[state] },
    { text: state === "up" ? String(tools ?? 0) : "", align: "right" },
    { text: needs ?? "" },
  ];
}

/** The errors, which do not fit into the table. */
export function explanations(services: readonly ServiceHealth[]): string[] {
  const sentences = services.flatMap(({ name, state, error }) =>
    error ? [`${name}${state === "failed" ? " failed" : ""}: ${error}`] : [],
  );
  return sentences.length === 0 ? [] : [...sentences.flatMap((sentence) => wrap(sentence)), ""];
}

/** What to do next. */
export function nextSteps(services: readonly ServiceHealth[], hub: string, log: string, isAsked: boolean): string[] {
  const example = services.find(({ state }) => state === "up");
  const header = isAsked ? [`       -H "Authorization: Bearer $(npx gangway token)" \\`] : [];
  const call = [
    `Try    curl ${example?.url} -H "Content-Type: application/json" \\`,
    ...header,
    `       -d '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}'`,
  ];
  return [
    `All of them are at ${hub}/<service>/mcp too. Log: ${log}`,
    "",
    ...(example ? call : []),
    `See    ${hub} in a browser`,
    "Check  npx gangway verify    (in a second terminal)",
    "Stop   Ctrl-C",
  ];
}

const colours = { up: "green", needs: "yellow", failed: "red", starting: "yellow" } as const;
