// The shape of a measure: one cell is one target in one round.
import type { RunningTarget } from "../running-target.ts";

export interface Column {
  /** The key in a cell's values. */
  readonly key: string;
  readonly title: string;
  readonly digits: number;
}

/** What one cell found. A value is null where this machine cannot tell it. */
export interface Cell {
  readonly values: Readonly<Record<string, number | null>>;
  readonly calls: number;
  /** Wrong or missing replies, with the first one's words. */
  readonly errors: number;
  readonly firstError?: string | undefined;
}

export interface Measure {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly Column[];
  /** The column whose ratios to the floor and to the better peer are shown. */
  readonly ratioOf?: string;
  run(running: RunningTarget, seconds: number): Promise<Cell>;
}

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
