// The tables on the screen, and the JSON document.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname } from "node:path";
import type { Options } from "./options.ts";
import type { Run } from "./run.ts";
import type { Spread } from "./statistics.ts";
import type { Row, Table } from "./summary.ts";

/** Where and when it was measured; no name of the machine. */
export const machine = () => ({
  date: new Date().toISOString(),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
});

export function writeJson(options: Options, run: Run, tables: readonly Table[]): void {
  const { rounds, seconds } = options;
  const summary = tables.map(({ measure, betterPeer, rows }) => ({ measure: measure.name, betterPeer, rows }));
  const document = { machine: machine(), rounds, seconds, summary, results: run.results };
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(document, null, 2)}\n`);
}

export function printTables(options: Options, tables: readonly Table[]): void {
  const { node, platform, cpu, cores } = machine();
  console.log(`\nNode ${node}, ${platform}, ${cores} x ${cpu}`);
  console.log(`medians of ${options.rounds} rounds of ${options.seconds} s, the targets in turn in each`);
  for (const table of tables) console.log(`\n${table.measure.title}\n${aligned(lines(table))}`);
  for (const note of notes(tables)) console.log(note);
}

function lines({ measure, betterPeer, rows }: Table): string[][] {
  const ratioTitles =
    measure.ratioOf === undefined ? [] : ["x floor (min..max)", `x ${betterPeer ?? "peer"} (min..max)`];
  const head = ["", ...measure.columns.map(({ title }) => title), "errors", ...ratioTitles];
  const body = rows.map((row) => {
    if (row.notStarted !== undefined) return [`${row.target}: did not start`];
    const values = measure.columns.map(({ key, digits }) => row.values[key]?.toFixed(digits) ?? "-");
    const ratios = measure.ratioOf === undefined ? [] : [shown(row.ofFloor), shown(row.ofBetterPeer)];
    return [row.target, ...values, String(row.errors), ...ratios];
  });
  return [head, ...body];
}

const shown = (spread: Spread | undefined) =>
  spread === undefined ? "-" : `${short(spread.median)} (${short(spread.min)}..${short(spread.max)})`;
const short = (ratio: number) => ratio.toFixed(ratio < 10 ? 2 : 1);

/** Pads every cell to its column's width: names to the left, figures to the right. */
function aligned(table: readonly string[][]): string {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  const pad = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column]!);
  return table.map((line) => `  ${line.map(pad).join("  ")}`).join("\n");
}

function notes(tables: readonly Table[]): string[] {
  const rows = tables.flatMap(({ measure, rows: all }) => all.map((row) => ({ measure, row })));
  const wrong = rows.filter(({ row }) => row.errors > 0);
  const missing = new Map(rows.map(({ row }) => [row.target, row.notStarted] as [string, Row["notStarted"]]));
  return [
    "",
    ...[...missing].filter(([, why]) => why !== undefined).map(([target, why]) => `${target} did not start: ${why}`),
    ...wrong.map(
      ({ measure, row }) => `${row.target}, ${measure.name}: ${row.errors} errors, the first: ${row.firstError}`,
    ),
    `${rows.reduce((sum, { row }) => sum + row.calls, 0)} calls, the id and the text of each reply checked`,
  ];
}
