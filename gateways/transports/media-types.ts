/** Media types in Accept and Content-Type (RFC 9110, sections 8.3.1 and 12.5.1), and encodings in Accept-Encoding (12.5.3). One pass, whatever is in them. */
import { remembered } from "../remembered.ts";

/** What a client accepts. */
export interface Accepted {
  readonly json: boolean;
  readonly stream: boolean;
}

/** Characters that are read of a header: browsers send 200. */
const LONGEST = 2_000;

/** Reads an Accept header. One that is missing or empty accepts everything. */
export function readAccept(header: string | undefined): Accepted {
  return header === undefined ? EVERYTHING : acceptedBy(header);
}

/** Whether a Content-Type is that of JSON, with whatever parameters. */
export function isJson(header: string | undefined): boolean {
  return header !== undefined && namesJson(header);
}

const namesJson = remembered((header) => {
  if (header.length > LONGEST) return false;
  const [first = "", ...others] = split(header, ",");
  return others.length === 0 && readRange(first).type === "application/json";
});

/** Whether it names HTML, as browsers do for what they show, and no stream. */
export const asksForPage = (header: string | undefined): boolean => header !== undefined && namesPage(header);

const namesPage = remembered((header) => {
  const ranges = split(header.slice(0, LONGEST), ",").map(readRange);
  const names = (type: string) => ranges.some((range) => range.type === type && !range.refused);
  return names("text/html") && !names("text/event-stream");
});

/** Whether an Accept-Encoding names gzip. One that is missing asks for nothing of the kind. */
export const acceptsGzip = (header: string | undefined): boolean => header !== undefined && namesGzip(header);

const namesGzip = remembered((header) =>
  split(header.slice(0, LONGEST), ",")
    .map(readRange)
    .some(({ type, refused }) => (type === "gzip" || type === "x-gzip") && !refused),
);

const EVERYTHING: Accepted = { json: true, stream: true };

const acceptedBy = remembered((header): Accepted => {
  const ranges = split(header.slice(0, LONGEST), ",")
    .map(readRange)
    .filter(({ type }) => type !== "");
  if (ranges.length === 0) return EVERYTHING;
  // The most specific range decides, so that `*/*, application/json;q=0` is everything else.
  const accepts = (...fromSpecific: readonly string[]) => {
    const deciding = fromSpecific
      .map((type) => ranges.filter((range) => range.type === type))
      .find(({ length }) => length > 0);
    return deciding?.some(({ refused }) => !refused) ?? false;
  };
  return {
    json: accepts("application/json", "application/*", "*/*"),
    stream: accepts("text/event-stream", "text/*", "*/*"),
  };
});

interface Range {
  /** A media type or an encoding, in lower case, without parameters. */
  readonly type: string;
  /** Whether its weight is 0. */
  readonly refused: boolean;
}

function readRange(text: string): Range {
  const [type = "", ...parameters] = split(text, ";");
  return {
    type: type.trim().toLowerCase(),
    refused: parameters.some((parameter) => /^\s*q\s*=\s*0(\.0*)?\s*$/i.test(parameter)),
  };
}

/** Splits at a character, but not within a quoted string. */
function split(text: string, at: "," | ";"): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (quoted && character === "\\") index++;
    else if (character === '"') quoted = !quoted;
    else if (character === at && !quoted) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
