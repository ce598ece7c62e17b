/** What is wrong with what somebody typed, in words; undefined = nothing. */
import type { NumberRules, TextRules } from "./fields.ts";

/** A text against the rules of its schema. */
export function problemOfText(
  text: string,
  { minLength = 0, maxLength = Infinity, pattern, format }: TextRules,
): string | undefined {
  const length = Array.from(text).length; // JSON Schema counts characters, not UTF-16 units
  if (length < minLength) return `Enter at least ${minLength} characters; these are ${length}.`;
  if (length > maxLength) return `Enter at most ${maxLength} characters; these are ${length}.`;
  if (pattern !== undefined && isCheap(pattern, text) && !matches(pattern, text))
    return `Enter a text that matches ${pattern.slice(0, 200)}`;
  const known = format === undefined || !Object.hasOwn(FORMATS, format) ? undefined : FORMATS[format];
  return known && !known.test(text) ? `Enter ${known.said}.` : undefined;
}

/** A number against the rules of its schema. */
export function problemOfNumber(text: string, rules: NumberRules): string | undefined {
  const value = Number(text);
  const { whole, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = rules;
  if (text.trim() === "" || !Number.isFinite(value)) return whole ? "Enter a whole number." : "Enter a number.";
  if (whole && !Number.isInteger(value)) return "Enter a whole number.";
  if (minimum !== undefined && value < minimum) return `Enter ${minimum} or more.`;
  if (maximum !== undefined && value > maximum) return `Enter ${maximum} or less.`;
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) return `Enter more than ${exclusiveMinimum}.`;
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) return `Enter less than ${exclusiveMaximum}.`;
  if (multipleOf !== undefined && multipleOf > 0 && !isMultiple(value, multipleOf))
    return `Enter a multiple of ${multipleOf}.`;
  return undefined;
}

/** 0.3 is a multiple of 0.1, whatever binary fractions make of it. */
const isMultiple = (value: number, step: number) => Math.abs(value / step - Math.round(value / step)) < 1e-9;

interface Format {
  readonly said: string;
  readonly test: (text: string) => boolean;
}

/** Formats that are checked. Others are the server's to check. */
const FORMATS: Readonly<Record<string, Format>> = {
  email: { said: "an address like name@example.org", test: (text) => /^[^\s@]{1,64}@[^\s@]{1,255}$/.test(text) },
  uri: { said: "a whole URL, such as https://example.org/", test: (text) => URL.canParse(text) },
  url: { said: "a whole URL, such as https://example.org/", test: (text) => URL.canParse(text) },
  date: {
    said: "a date like 2026-11-29",
    test: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
  },
  time: { said: "a time like 13:45:00Z", test: (text) => /^\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i.test(text) },
  "date-time": {
    said: "a time like 2026-11-29T13:45:00Z",
    test: (text) => /^\d{4}-\d\d-\d\dt[\d:.]{8,18}(z|[+-]\d\d:\d\d)$/i.test(text) && !Number.isNaN(Date.parse(text)),
  },
  uuid: { said: "a UUID", test: (text) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text) },
};

/** Characters of a text that is held against a pattern of somebody else's, and of the pattern. */
const TEXT = 200;
const PATTERN = 200;

/**
 * Whether a pattern cannot take long, whatever the text: at most two parts of variable length, no repeated group, no look-around,
 * no reference back. What is not checked here the server checks.
 */
export function isCheap(pattern: string, text: string): boolean {
  if (pattern.length > PATTERN || text.length > TEXT) return false;
  const bare = pattern.replace(/\\[^1-9k]|\[(?:[^\]\\]|\\.)*\]/g, "x");
  if (/\)[*+?{]|\(\?[^:]|\\/.test(bare)) return false;
  const variable = bare.match(/[*+]|(?<!\()\?|\{\d+,\d*\}/g)?.length ?? 0;
  const groups = bare.match(/\(/g)?.length ?? 0;
  const longest = Math.max(0, ...[...bare.matchAll(/\{(\d+)/g)].map(([, times]) => Number(times)));
  return variable <= 2 && groups <= 2 && longest <= 1_000;
}

/** A pattern that is none matches everything. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return true;
  }
}
