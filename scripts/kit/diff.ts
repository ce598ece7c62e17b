/** What is different between two texts, line by line. */
import { styleText } from "node:util";
import { printable } from "../../gateways/printable.ts";

interface Line {
  readonly mark: " " | "+" | "-";
  readonly text: string;
}

/** How many equal lines are shown around a change. */
const AROUND = 3;

/**
 * The lines of a diff as people know it, for a terminal. What is equal is left out but for a few lines.
 * @param file its name, for the heading
 * @param before undefined for a file that is new; `after` for one that goes
 */
export function diffLines(file: string, before: string | undefined, after: string | undefined): string[] {
  const lines = compare(linesOf(before), linesOf(after));
  const isNear = (at: number) =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ mark }) => mark !== " ");
  const shown = lines.flatMap((line, at) => {
    if (isNear(at)) return [styled(line)];
    return at > 0 && isNear(at - 1) ? [styleText("dim", "...")] : [];
  });
  return [styleText("bold", printable(file)), ...shown];
}

const linesOf = (text = "") => (text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/));

/** The longest common lines stay; texts here have hundreds of lines. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  const head = before.findIndex((text, at) => text !== after[at]);
  if (head < 0) return [...before.map(kept), ...after.slice(before.length).map(added)];
  const ends = Math.min(before.length, after.length) - head;
  let tail = 0;
  while (tail < ends && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const middle = longest(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [...before.slice(0, head).map(kept), ...middle, ...before.slice(before.length - tail).map(kept)];
}

function longest(before: readonly string[], after: readonly string[]): Line[] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let one = before.length - 1; one >= 0; one--)
    for (let other = after.length - 1; other >= 0; other--)
      lengths[one]![other] =
        before[one] === after[other]
          ? lengths[one + 1]![other + 1]! + 1
          : Math.max(lengths[one + 1]![other]!, lengths[one]![other + 1]!);
  const lines: Line[] = [];
  let [one, other] = [0, 0];
  while (one < before.length || other < after.length) {
    const isSame = one < before.length && before[one] === after[other];
    const down = one < before.length ? lengths[one + 1]![other]! : -1;
    const right = other < after.length ? lengths[one]![other + 1]! : -1;
    if (isSame) {
      lines.push(kept(before[one++]!));
      other++;
    } else if (down >= right) lines.push({ mark: "-", text: before[one++]! });
    else lines.push(added(after[other++]!));
  }
  return lines;
}

const kept = (text: string): Line => ({ mark: " ", text });
const added = (text: string): Line => ({ mark: "+", text });

function styled({ mark, text }: Line): string {
  const line = `${mark} ${printable(text.replaceAll("\t", "  "), { limit: 4_000 })}`.trimEnd();
  return mark === " " ? line : styleText(mark === "+" ? "green" : "red", line);
}
