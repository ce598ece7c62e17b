/** The shape of a measure: one cell is one target in one round. */
import type { RunningTarget } from "../running-target.ts";
import type { Target } from "../targets.ts";

export interface Column {
  /** The key in a cell's values. */
  readonly key: string;
  readonly title: string;
  readonly digits: number;
  /** Whether ratios to the floor and the peers are taken, and shown in the table or only kept in the results. */
  readonly ratio?: "shown" | "kept";
  /** Less is better: a ratio under 1 is good. */
  readonly less?: true;
  /** Belongs in the first table although it is not compared. */
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
  /** Wrong or missing replies. */
  readonly errors: number;
  readonly firstError?: string | undefined;
  /** What a target cannot do at all; that is not an error. */
  readonly note?: string | undefined;
}

/** How much a measure does. */
export interface Effort {
  /** How long one load lasts. */
  readonly seconds: number;
  /** Calls of the long session. */
  readonly longCalls: number;
}

export interface Measure {
  readonly name: string;
  readonly tables: readonly TableShape[];
  /** Whether it is for a target. @default - for all */
  serves?(target: Target): boolean;
  run(running: RunningTarget, effort: Effort): Promise<Cell>;
}

/** Thrown by a measure that a target cannot take part in. */
export class LeftOut extends Error {}

// A target that refuses at once would be asked a million times, and one that hangs takes 10 s each time.
const mostErrors = 20;

/** Counts what went wrong in a cell. */
export class Errors {
  count = 0;
  first: string | undefined;

  /** Whether to stop asking; what such a cell measured means nothing. */
  get tooMany(): boolean {
    return this.count >= mostErrors;
  }

  add(error: unknown): void {
    this.count += 1;
    this.first ??= error instanceof Error ? error.message : String(error);
  }
}
