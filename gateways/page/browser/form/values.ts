/** Values of a form, and what of a stranger's JSON may be looked at. */

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether it is a JSON object. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A field or an item that the value has itself: `constructor` and `__proto__` are names like any other. */
export const own = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name) ? (value as Fields)[name] : undefined;

/** What a field gives that the arguments leave out. */
export const ABSENT = Symbol("absent");
