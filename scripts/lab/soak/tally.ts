/** Counts the results of the traffic on one gateway. */
import { Refusal } from "../../kit/mcp/answers.ts";
import type { Kind } from "./kinds/kind.ts";
import type { Place } from "./setups.ts";

export type Outcome = "ok" | "refused" | "wrong";

export type Counts = Readonly<Record<Outcome, number>>;

/** The results of one kind of traffic. */
export interface KindCounts extends Counts {
  readonly kind: string;
  /** The first wrong answer. */
  readonly mistake: string | undefined;
}

const OUTCOMES: readonly Outcome[] = ["ok", "refused", "wrong"];

export class Tally {
  readonly #place: Place;
  readonly #counts = new Map<string, KindCounts>();

  constructor(place: Place) {
    this.#place = place;
  }

  /** @param error what a visit threw; undefined when it went well */
  note(kind: Kind, error?: unknown): void {
    const before = this.of(kind.name);
    const outcome = error === undefined ? "ok" : this.#mayCome(kind, error) ? "refused" : "wrong";
    const mistake = before.mistake ?? (outcome === "wrong" ? textOf(error) : undefined);
    this.#counts.set(kind.name, { ...before, [outcome]: before[outcome] + 1, mistake });
  }

  of(kind: string): KindCounts {
    return this.#counts.get(kind) ?? { kind, ok: 0, refused: 0, wrong: 0, mistake: undefined };
  }

  /** All kinds together. */
  get sum(): Counts {
    const all = [...this.#counts.values()];
    const sums = OUTCOMES.map((outcome) => [outcome, all.reduce((sum, counts) => sum + counts[outcome], 0)]);
    return Object.fromEntries(sums) as Counts;
  }

  /** Whether an error is justified although nothing is wrong with the call. */
  #mayCome({ modern = false }: Kind, error: unknown): boolean {
    if (!(error instanceof Refusal)) return false;
    const alone = this.#place === "session" && !modern; // modern callers share a server everywhere
    return (alone ? ALL_BUSY : OTHERS).test(error.message);
  }
}

const ALL_BUSY = /^All \d+ server processes of session are busy/;
/** Others ended the server that all share, or keep all of them busy. */
const OTHERS = new RegExp(
  [
    "ended \\(.*\\) before it answered",
    "^The call was ended before its answer came",
    "did not start: ",
    "^All \\d+ server processes",
    "^not agreed", // to a subscription: its server had just ended
    "does not tell of changes of this resource", // likewise
  ].join("|"),
);

const textOf = (error: unknown) => (error instanceof Refusal ? `refused: ${error.message}` : String(error));
