/** The calls of the last hour as bars: what failed in another colour at their feet. */
import type { Minutes } from "../status.ts";
import { element, type Element } from "./markup.ts";
import { counted } from "./text.ts";

type Counts = Pick<Minutes, "calls" | "errors">;

/** In units of the drawing. */
const STEP = 4;
const BAR = 3;
const HEIGHT = 32;

/** The chart, with its text for those who do not see it. */
export function chart({ calls, errors }: Counts): Element {
  const most = Math.max(1, ...calls);
  const height = (count: number) => Math.max(2, Math.round((count / most) * HEIGHT));
  const bars = (counts: readonly number[]) =>
    counts
      .map((count, at) => (count > 0 ? `M${at * STEP} ${HEIGHT}v-${height(count)}h${BAR}v${height(count)}z` : ""))
      .join("");
  const width = Math.max(1, calls.length) * STEP - (STEP - BAR);
  return element(
    "svg",
    {
      class: "chart",
      role: "img",
      viewBox: `0 0 ${width} ${HEIGHT + 1}`,
      preserveAspectRatio: "none",
      "aria-label": said({ calls, errors }),
    },
    element("path", { class: "base", d: `M0 ${HEIGHT}h${width}v1h-${width}z` }),
    element("path", { class: "calls", d: bars(calls) }),
    element("path", { class: "errors", d: bars(errors) }),
  );
}

/** The chart in words. */
export function said({ calls, errors }: Counts): string {
  const all = sum(calls);
  if (all === 0) return "No calls in the last hour";
  const failed = sum(errors);
  return `${counted(all, "call")} in the last hour, ${failed === 0 ? "none" : failed} failed`;
}

const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);
