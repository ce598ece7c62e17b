/** Reads what a server says, which may have any shape at all. */

/** Its fields, where it is an object. */
export const fields = (said: unknown): Readonly<Record<string, unknown>> =>
  typeof said === "object" && said !== null && !Array.isArray(said) ? (said as Record<string, unknown>) : {};

/** Its items, where it is a list. */
export const items = (said: unknown): readonly unknown[] => (Array.isArray(said) ? said : []);

/** It, where it is a text. */
export const words = (said: unknown): string | undefined => (typeof said === "string" ? said : undefined);

/** It as a JSON document for a person or a program. @throws Error where it is nested too deeply for that */
export function documentOf(said: unknown): string {
  try {
    return JSON.stringify(said, undefined, 2);
  } catch (error) {
    throw new Error("what the server says is nested too deeply to be printed", { cause: error });
  }
}
