/** What tools and prompts of a member are called in a group: `<service>_<name>`. The first underscore splits: services have none. */
import { createHash } from "node:crypto";
import { stringAt } from "../../json/scan.ts";
import { encode, find, stringIn, type Message, type Span } from "../../jsonrpc.ts";

/** How long a name may be: models' interfaces refuse longer ones. */
export const LONGEST_NAME = 64;

/** Digits of the digest that ends a shortened name. */
const DIGITS = 8;

/** The name in the group. One that would be too long is cut, and ends with a digest of the whole: always the same. */
export function groupName(member: string, name: string): string {
  const whole = `${member}_${name}`;
  if (whole.length <= LONGEST_NAME) return whole;
  const digest = createHash("sha256").update(whole).digest("hex").slice(0, DIGITS);
  const cut = whole.slice(0, LONGEST_NAME - DIGITS - 1).replace(/[\uD800-\uDBFF]$/, "_"); // half a character is none
  return `${cut}_${digest}`;
}

/** The member that a name in the group begins with; undefined = none. */
export const memberIn = (name: string): string | undefined => {
  const end = name.indexOf("_");
  return end > 0 ? name.slice(0, end) : undefined;
};

/** Whether a name may have been shortened, so that only the member's list tells what it stands for. */
export const mayBeShort = (name: string): boolean => name.length === LONGEST_NAME && /_[0-9a-f]{8}$/.test(name);

/** A request with another value in place of one string in its params. */
export function withString(message: Message, path: readonly string[], value: string): Message {
  const { text, params, end } = message;
  const span = find(text, params, ...path);
  if (!span) return message;
  const written = encode(value);
  const { meta: _, token: __, ...rest } = message; // they may have moved
  return {
    ...rest,
    text: text.slice(0, span.start) + written + text.slice(span.end),
    end: end + written.length - (span.end - span.start),
  };
}

/**
 * A request without the member at the beginning of its name. As nearly every name is written, that is cut out and nothing is
 * decoded.
 * @param at where the name stands
 */
export function withoutMember(message: Message, at: Span, member: string): Message {
  const { text, kind, id, method, params, end, dropped, meta, token } = message;
  const start = at.start + 1;
  const cut = member.length + 1;
  if (!text.startsWith(`${member}_`, start))
    return withString(message, ["name"], stringAt(text, at.start, at.end).slice(cut));
  const moved = (span: Span | null | undefined) =>
    span && span.start > start ? { start: span.start - cut, end: span.end - cut } : span;
  const shorter = text.slice(0, start) + text.slice(start + cut);
  const rest = { kind, id, method, params, result: -1, error: -1, dropped };
  return { ...rest, text: shorter, end: end - cut, meta: moved(meta), token: moved(token) } as Message;
}

/** A string in a request's params. */
export const stringOf = ({ text, params }: Message, ...path: string[]): string | undefined =>
  params < 0 ? undefined : stringIn(text, params, ...path);
