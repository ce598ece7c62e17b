/** Prometheus' text format (exposition format 0.0.4). */
import { BUCKETS, type Histogram } from "./histogram.ts";

export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Values of labels by name. One that is empty is left out, which means the same. */
export type Labels = Readonly<Record<string, string>>;

/** One series, and its value now. */
export type Sample = readonly [Labels, number | Histogram];

/** One metric as it is written. */
export interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: Iterable<Sample>;
}

/** The whole text. A metric without a series is named all the same, so that a reader sees what there is. */
export function exposition(families: Iterable<Family>): string {
  let text = "";
  for (const { name, type, help, samples } of families) {
    text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    for (const [labels, value] of samples)
      text += typeof value === "number" ? line(name, written(labels), value) : histogram(name, written(labels), value);
  }
  return text;
}

function histogram(name: string, labels: string, { counts, sum }: Histogram): string {
  const comma = labels === "" ? "" : ",";
  let [text, total] = ["", 0];
  for (const [at, count] of counts.entries()) {
    total += count;
    text += line(`${name}_bucket`, `${labels}${comma}le="${BUCKETS[at] ?? "+Inf"}"`, total);
  }
  return text + line(`${name}_sum`, labels, sum) + line(`${name}_count`, labels, total);
}

const line = (name: string, labels: string, value: number) =>
  `${name}${labels === "" ? "" : `{${labels}}`} ${Number.isFinite(value) ? value : "NaN"}\n`;

const written = (labels: Labels) =>
  Object.entries(labels)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",");

/** A server chooses the names of its tools. */
const escaped = (value: string) => value.replace(/[\\"\n]/g, (found) => (found === "\n" ? "\\n" : `\\${found}`));
