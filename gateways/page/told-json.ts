/** JSON that somebody else has made, ready to be shown. */
import { secrets, told } from "../secrets.ts";

/** How much of a value is shown, and what is made of its texts. */
interface Showing {
  readonly text: (said: string) => string;
  /** Members of an object, or values of a list. */
  readonly most: number;
  /** Levels; what is deeper is left out. */
  readonly deepest: number;
}

const LISTED: Showing = { text: (said) => told(said, { limit: 4_000, lines: true }), most: 1_000, deepest: 32 };
const ANSWERED: Showing = { text: (said) => secrets.redacted(said), most: Infinity, deepest: 200 };

/** A value of which all texts have passed `told`, and which is bounded. */
export const toldJson = (value: unknown): unknown => shown(value, LISTED, 0);

/** A value without known secrets: its reader has called for it, and gets all the rest. */
export const redactedJson = (value: unknown): unknown => shown(value, ANSWERED, 0);

function shown(value: unknown, how: Showing, depth: number): unknown {
  if (typeof value === "string") return how.text(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value))
    return depth >= how.deepest ? [] : value.slice(0, how.most).map((inner) => shown(inner, how, depth + 1));
  const members = depth >= how.deepest ? [] : Object.entries(value).slice(0, how.most);
  return Object.fromEntries(members.map(([key, inner]) => [how.text(key), shown(inner, how, depth + 1)]));
}
