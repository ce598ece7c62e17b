/** What a caller most likely did wrong whose login is refused. People read it; it never repeats what was sent. */

/** Spellings of a variable that the client has not filled in: `${T}`, `${env:T}`, `$T`, `%T%`, `{{T}}`, `{env:T}`, `<token>`. */
const PLACEHOLDER = /^(\$\{\{?[^{}]*\}\}?|\$[A-Za-z_]\w*|%\w+%|\{\{?[^{}]*\}\}?|<[^<>]*>|\[[^[\]]*\])$/;

/** Words of examples, and what programs make of a variable that is not set. */
const NO_TOKEN =
  /^(undefined|null|none|nil|nan|\[object object\]|token|your[-_]?(api[-_]?)?(token|key)([-_]?here)?|xxx+|\.\.\.|…)$/i;

/** Headers are at most a few KiB long; whatever is longer than this is no placeholder. */
const LONGEST = 256;

/**
 * @param header the Authorization header
 * @returns what is wrong with it, as the end of a sentence; undefined when it looks like a token, or there is none
 */
export function loginMistake(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const space = header.indexOf(" ");
  const scheme = space < 0 ? header : header.slice(0, space);
  const rest = space < 0 ? "" : header.slice(space + 1).trim();
  if (rest.length > LONGEST) return undefined;
  if (scheme.toLowerCase() !== "bearer") {
    if (PLACEHOLDER.test(header.trim())) return `${PLACEHOLDER_SENT} (and the word Bearer before it is missing)`;
    return "the Authorization header does not begin with the word Bearer and a space";
  }
  return mistakeIn(rest);
}

const PLACEHOLDER_SENT =
  "the client sent a placeholder instead of the token: the variable is not set where the client runs, or the client spells variables differently";

function mistakeIn(token: string): string | undefined {
  if (token === "")
    return "the client sent Bearer without a token: the variable that should hold it is empty or not set where the client runs";
  const bare = withoutQuotes(token);
  if (PLACEHOLDER.test(bare)) return PLACEHOLDER_SENT;
  if (NO_TOKEN.test(bare)) return "the client sent a word that stands for a token, and not the token";
  if (/^bearer\b/i.test(bare)) return "the word Bearer is there twice: the client adds it by itself";
  if (bare !== token) return "the token is in quotes: leave them out";
  if (/\s/.test(token)) return "there is a space in the token";
  return undefined;
}

function withoutQuotes(text: string): string {
  const quote = text[0];
  const quoted = text.length > 1 && (quote === '"' || quote === "'" || quote === "`") && text.endsWith(quote);
  return quoted ? text.slice(1, -1) : text;
}

/**
 * Whether a header can be no login, whatever is configured: with the word `invalid` as the token, people try whether a wrong
 * one is refused. So it is where no token is needed, too.
 */
export const neverValid = (header: string | undefined): boolean => header === "Bearer invalid";
