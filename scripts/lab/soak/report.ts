/** What the soak prints at its end: what each gateway held before and after, the traffic, and what is wrong. */
import { type Cell, renderTable, right, wrap } from "../../kit/table.ts";
import type { Ending } from "./gateway.ts";
import { type Finding, metrics } from "./judge.ts";
import type { Measurement } from "./measure.ts";
import type { Options } from "./options.ts";
import type { Place } from "./setups.ts";
import type { KindCounts } from "./tally.ts";

/** One gateway's part of a run. */
export interface Result {
  readonly gateway: Place;
  readonly before: Measurement;
  readonly after: Measurement;
  readonly ending: Ending;
  readonly traffic: readonly KindCounts[];
  readonly speaksModern: boolean;
  readonly findings: readonly Finding[];
}

/** The document of `npm run soak -- --json`. */
export function document({ minutes, seed }: Options, results: readonly Result[]): object {
  const gateways = results.map((one) => ({ ...one, before: figures(one.before), after: figures(one.after) }));
  return { ok: isFlat(results), minutes, seed, node: process.version, platform: process.platform, gateways };
}

/** Without the hundreds of classes. */
const figures = (measured: Measurement) => ({ ...measured, objects: undefined });

export const isFlat = (results: readonly Result[]) => results.every(({ findings }) => findings.length === 0);

export function report({ seed }: Options, results: readonly Result[]): string[] {
  return ["", ...held(results), "", ...came(results), "", ...results.flatMap(wrongs), summary(seed, results)];
}

function held(results: readonly Result[]): string[] {
  const head = ["held when idle", ...results.map(({ gateway }) => gateway)].map(dim);
  const rows = metrics.map(({ what, of }) => [
    { text: what },
    ...results.map(({ before, after }) => right(`${shown(of(before))} -> ${shown(of(after))}`)),
  ]);
  const ended = [{ text: "ended with" }, ...results.map(({ ending }) => right(`${ending.code}, ${ending.ms} ms`))];
  return renderTable([head, ...rows, ended]);
}

function came(results: readonly Result[]): string[] {
  const head = ["traffic", ...results.map(({ gateway }) => gateway)].map(dim);
  const kinds = [...new Set(results.flatMap(({ traffic }) => traffic.map(({ kind }) => kind)))];
  const rows = kinds.map((kind) => [{ text: kind }, ...results.map(({ traffic }) => counts(traffic, kind))]);
  return renderTable([head, ...rows]);
}

function counts(traffic: readonly KindCounts[], name: string): Cell {
  const { ok, refused, wrong } = traffic.find(({ kind }) => kind === name) ?? { ok: 0, refused: 0, wrong: 0 };
  const more = [refused > 0 && `${refused} refused`, wrong > 0 && `${wrong} WRONG`].filter(Boolean);
  const text = ok + refused + wrong === 0 ? "-" : [ok, ...more].join(", ");
  return { ...right(text), ...(wrong > 0 && { style: "red" }) };
}

const wrongs = ({ gateway, findings }: Result) =>
  findings.flatMap(({ what, from, to, most, look }) => [
    ...wrap(`${gateway}: ${what}: ${from === "" ? "" : `${shown(from)} -> `}${shown(to)}, expected ${shown(most)}`),
    ...wrap(look, "    "),
  ]);

function summary(seed: number, results: readonly Result[]): string {
  const wrong = results.filter(({ findings }) => findings.length > 0).map(({ gateway }) => gateway);
  return `${wrong.length === 0 ? "flat" : `not flat: ${wrong.join(", ")}`} (to repeat the traffic: --seed ${seed})`;
}

/** Bytes are shown as megabytes: no count is as large. */
const shown = (value: number | string | undefined) =>
  typeof value === "number" && value > 500_000 ? `${(value / 1_000_000).toFixed(1)} MB` : String(value ?? "-");

const dim = (text: string, column: number): Cell => ({ text, style: "dim", align: column === 0 ? "left" : "right" });
