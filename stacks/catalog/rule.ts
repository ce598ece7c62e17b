import type * as z from "zod/mini";

/** What a value must be: the check, and the words for it when the check fails. */
export interface Rule<Schema extends z.ZodMiniType = z.ZodMiniType> {
  readonly schema: Schema;
  /** Finishes "is 8.5, expected ...". */
  readonly expected: string;
}
