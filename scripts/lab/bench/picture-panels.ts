/** What the picture shows: the column of a table for each panel, and the text beside each bar. */
import { ratioText } from "./glance.ts";
import type { Ratios, Results, Table } from "./results.ts";
import type { Target } from "./targets.ts";

export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly table: string;
  readonly column: string;
  readonly digits: number;
  readonly less?: true;
}

export const panels: readonly Panel[] = [
  { title: "Tool calls, 16 callers", unit: "calls/s", table: "echo16", column: "perSecond", digits: 0 },
  { title: "Tool calls, 1 caller", unit: "calls/s", table: "echo1", column: "perSecond", digits: 0 },
  { title: "CPU per call, 16 callers", unit: "us", table: "echo16", column: "gatewayCpuUs", digits: 0, less: true },
  { title: "Opening a session, p50", unit: "ms", table: "open", column: "openP50", digits: 1, less: true },
  { title: "Replies of 1 MB, 4 callers", unit: "replies/s", table: "big", column: "perSecond", digits: 0 },
  { title: "Memory of an idle session", unit: "KB", table: "memory", column: "sessionKb", digits: 0, less: true },
  {
    title: "Tool calls of MCP 2026-07-28, 16 callers",
    unit: "calls/s",
    table: "modern16",
    column: "perSecond",
    digits: 0,
  },
  {
    title: "Tool calls of MCP 2026-07-28, 1 caller",
    unit: "calls/s",
    table: "modern1",
    column: "perSecond",
    digits: 0,
  },
];

export interface Bar {
  readonly target: string;
  readonly kind: Target["kind"];
  readonly value: number;
  readonly shown: string;
  /** Beside the value: Gangway as a multiple of the others. */
  readonly ratios: string;
}

/** The bars of the targets that have a value. */
export function barsOf(panel: Panel, { tables, targets }: Results): Bar[] {
  const table = tables.find(({ name }) => name === panel.table);
  return targets.flatMap(({ name, kind }) => {
    const row = table?.rows.find(({ target }) => target === name);
    const value = row?.values[panel.column];
    if (!table || !row || typeof value !== "number") return [];
    const shown = value.toLocaleString("en-US", {
      minimumFractionDigits: panel.digits,
      maximumFractionDigits: panel.digits,
    });
    const ratios = kind === "ours" ? ratiosText(table, row.ratios[panel.column]) : "";
    return [{ target: name, kind, value, shown, ratios }];
  });
}

function ratiosText({ betterPeer }: Table, ratios: Ratios | undefined): string {
  const peer = ratios?.peers[betterPeer ?? ""];
  const parts = [
    ratios?.floor && `${ratioText(ratios.floor.median)} x floor`,
    peer && `${ratioText(peer.median)} x ${betterPeer}`,
  ];
  return parts.filter(Boolean).join(", ");
}
