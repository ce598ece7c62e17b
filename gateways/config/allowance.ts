/** Reads `allow`: who may use which tools. */
import type { Allow } from "../principal.ts";
import { usable } from "./patterns.ts";
import { list, ValueError } from "./units.ts";

/**
 * Who may use what: `ops@example.org=*;team=read_*,list_*`, or the same as a JSON object. A name is compared without regard to
 * capital letters.
 */
export function allowance(text: string): Allow {
  const written = text.trim().startsWith("{") ? inObject(text) : inPairs(text);
  if (written.length === 0) throw new ValueError(text, ALLOW);
  const names = new Set(written.map(([name]) => name.normalize("NFC").toLowerCase()));
  if (names.size < written.length) throw new ValueError(text, "each name once");
  return Object.fromEntries(written.map(([name, texts]) => [name, usable(texts)]));
}

const ALLOW = "names and teams with patterns of tools, as in ops@example.org=*;team=read_*,list_*";

const inPairs = (text: string) =>
  text
    .split(";")
    .filter((pair) => pair.trim() !== "")
    .map((pair): [string, string[]] => {
      const equals = pair.indexOf("=");
      const name = pair.slice(0, equals).trim();
      if (equals < 0 || name === "") throw new ValueError(pair.trim(), ALLOW);
      return [name, list(pair.slice(equals + 1))];
    });

function inObject(text: string): [string, string[]][] {
  const entries = Object.entries(parsedObject(text));
  const wrong = entries.find(([name, value]) => name.trim() === "" || !isWritten(value));
  if (wrong) throw new ValueError(wrong[0], 'a list of patterns for each name, as in { "team": ["read_*"] }');
  return entries as [string, string[]][];
}

const isWritten = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === "string");

function parsedObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // it is told below what was expected
  }
  throw new ValueError(text, ALLOW);
}
