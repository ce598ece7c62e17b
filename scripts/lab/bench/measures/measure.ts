// The shape of a measure: one cell is one target in one round.
import type { RunningTarget } from "../running-target.ts";
import type { Target } from "../targets.ts";

export interface Column {
  /** The key in a cell's values. */
  readonly key: string;
  readonly title: string;
  readonly digits: number;
  /** Whether ratios to the floor and the peers are taken, and whether the table shows them or only the results have them. */
  readonly ratio?: "shown" | "kept";
  /** Less is better: a ratio under 1 is good. */
  readonly less?: true;
  /** Belongs into the first table although nothing is compared with it. */
  readonly glance?: true;
}

/** A table that a measure fills. */
export interface TableShape {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly Column[];
}

/** What one cell found. A value is null where this machine cannot tell it. */
export interface Cell {
  readonly values: Readonly<Record<string, number | null>>;
  readonly calls: number;
  /** Wrong or missing replies, with the first one's words. */
  readonly errors: number;
  readonly firstError?: string | undefined;
  /** What a target cannot do at all, which is no error. */
  readonly note?: string | undefined;
}

/** How long a measure may take. */
export interface Effort {
  /** One load. */
  readonly seconds: number;
  /** Calls of the long session. */
  readonly longCalls: number;
}

export interface Measure {
  readonly name: string;
  readonly tables: readonly TableShape[];
  /** Which targets it is for; without it, for all. */
  serves?(target: Target): boolean;
  run(running: RunningTarget, effort: Effort): Promise<Cell>;
}

/** Thrown by a measure that a target cannot take part in. */
export class LeftOut extends Error {}

// A target that refuses at once would be asked a million times, and one that hangs takes 10 s each time.
const patience = 20;

/** Counts what went wrong in a cell. */
export class Errors {
  count = 0;
  first: string | undefined;

  /** Whether to stop asking; what such a cell measured means nothing. */
  get tooMany(): boolean {
    return this.count >= patience;
  }

  add(error: unknown): void {
    this.count += 1;
    this.first ??= error instanceof Error ? error.message : String(error);
  }
}
