/** The results as text. */
import { indent, renderTable, right } from "../../kit/table.ts";
import type { Column } from "./measures/measure.ts";
import { howMeasured, type Results, type Row, type Table } from "./results.ts";
import { glance, ratioText } from "./glance.ts";
import type { Spread } from "./statistics.ts";

/** What is printed, and shown in the README. */
export function report(results: Results): string {
  const { machine, tables } = results;
  const peers = results.targets.filter(({ kind }) => kind === "peer").map(({ name }) => name);
  return [
    `${machine.date.slice(0, 10)}, Node ${machine.node}, ${machine.platform}, ${machine.cores} x ${machine.cpu}, ${machine.memoryGb} GB`,
    `${howMeasured(results)}, the targets in turn in each`,
    `\nGangway at a glance\n${aligned(glance(results))}`,
    ...tables.map((table) => `\n${table.title}\n${tableText(table, peers)}`),
    "",
    "* the better peer of the table",
    `${results.calls} calls, the id and the text of each reply checked`,
    ...otherLoad(results),
  ].join("\n");
}

/** How much of the machine others used in the busiest cell of ours (its median over the rounds). */
function otherLoad({ targets, tables }: Results): string[] {
  const peers = new Set(targets.filter(({ kind }) => kind === "peer").map(({ name }) => name));
  const rows = tables.flatMap((table) => table.rows).filter(({ target }) => !peers.has(target));
  const shares = rows.map(({ values }) => values["otherCpuShare"]).filter((share) => typeof share === "number");
  const most = Math.max(...shares).toFixed(0);
  return shares.length === 0
    ? []
    : [`others used at most ${most} % of the machine while Gangway or a floor was measured`];
}

function tableText(table: Table, peers: readonly string[]): string {
  const shown = table.columns.find(({ ratio }) => ratio === "shown");
  const rows = table.rows.map((row) => [
    row.target,
    ...table.columns.map(({ key, digits }) => number(row.values[key], digits)),
    String(row.errors),
    ...(shown ? ratioCells(row, shown, peers) : []),
  ]);
  const head = ["", ...table.columns.map(({ title }) => title), "errors", ...(shown ? ratioTitles(table, peers) : [])];
  return [aligned([head, ...rows]), ...table.rows.flatMap(remarks)].join("\n");
}

const ratioTitles = ({ betterPeer }: Table, peers: readonly string[]) => [
  "x floor (min..max)",
  ...peers.map((peer) => `x ${peer}${peer === betterPeer ? "*" : ""} (min..max)`),
];

function ratioCells(row: Row, { key }: Column, peers: readonly string[]): string[] {
  const found = row.ratios[key];
  return [spreadText(found?.floor), ...peers.map((peer) => spreadText(found?.peers[peer]))];
}

function remarks({ target, note, errors, firstError }: Row): string[] {
  const wrong = errors > 0 ? [`  ${target}: ${errors} errors, the first: ${firstError}`] : [];
  return note === undefined ? wrong : [`  ${target}: ${note}`, ...wrong];
}

const number = (value: number | null | undefined, digits: number) => value?.toFixed(digits) ?? "-";

function spreadText(spread: Spread | undefined): string {
  if (spread === undefined) return "-";
  const { median, min, max } = spread;
  return min === max ? ratioText(median) : `${ratioText(median)} (${ratioText(min)}..${ratioText(max)})`;
}

/** Names to the left, figures to the right. */
const aligned = (table: readonly string[][]): string =>
  indent(renderTable(table.map(([name = "", ...figures]) => [{ text: name }, ...figures.map(right)])).join("\n"));
