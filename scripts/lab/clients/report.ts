/** The table of this lab. */
import { renderTable } from "../../kit/table.ts";
import type { Outcome } from "./attempt.ts";

/** A line for each client. */
export function table(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ client, version, wrote = "no", listed, called, unset = "-", faults }) => [
    client,
    version,
    wrote,
    listed === undefined ? "-" : yesOrNo(listed),
    typeof called === "string" ? called : yesOrNo(called ?? false),
    unset,
    faults.length === 0 ? "ok" : "FAILED",
  ]);
  const titles = ["client", "version", "wrote", "listed", "called", "without the variable", ""];
  return renderTable([titles, ...rows].map((row) => row.map((text) => ({ text })))).join("\n");
}

const yesOrNo = (fact: boolean) => (fact ? "yes" : "no");
