/** Bearer tokens as they are written, and which of them are no secret: placeholders, public examples, what is easily guessed. */

/** The least characters of a token where others can reach the gateway. */
export const TOKEN_LENGTH = 24;

/** More than this fits into no header beside the others: Node reads 16 KiB of them. */
const LONGEST = 4_096;

/** Makes a good token on every machine with OpenSSL. */
export const MAKE_TOKEN = "openssl rand -hex 32";

/** Tokens, each on a line of its own. @throws Error that says what is wrong with which line, and shows nothing of it */
export function tokens(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  lines.forEach((line, index) => {
    const problem = line === "" ? undefined : formProblem(line);
    if (problem === undefined) return;
    const which = lines.length > 1 ? `the token in line ${index + 1}` : "the token";
    throw new Error(`${which} ${problem}: expected one token a line`);
  });
  const found = lines.filter((line) => line !== "");
  if (found.length > 0) return [...new Set(found)];
  throw new Error("expected a bearer token");
}

/** Why a text can be no bearer token; undefined = it can. Nothing of the text is in the answer. */
export function formProblem(text: string): string | undefined {
  if (text === "") return "is empty";
  if (/^bearer\s/i.test(text)) return 'begins with "Bearer"';
  if (/[\r\n]/.test(text)) return "has a line break";
  if (/\s/.test(text)) return "has white space";
  if (text.includes(",")) return "has a comma";
  if (!/^[\x21-\x7e]+$/.test(text)) return "has a character that a header cannot carry";
  if (/^(["'`]).*\1$/.test(text)) return "has quotes around it";
  return text.length > LONGEST ? `is longer than ${LONGEST} characters` : undefined;
}

/** SHA-256 digests of tokens in hexadecimal, each on a line of its own. @throws Error that shows nothing of them */
export function digests(text: string): string[] {
  const lines = text.split(/\s*\n\s*/).map((line) => line.trim());
  const found = lines.filter((line) => line !== "");
  if (found.length > 0 && found.every((line) => DIGEST.test(line))) return found.map((line) => line.toLowerCase());
  throw new Error(
    'expected one SHA-256 digest a line, each of 64 hexadecimal digits: printf %s "$TOKEN" | sha256sum | cut -c1-64',
  );
}

const DIGEST = /^[0-9a-f]{64}$/i;

/** `true`, or the name of the secret: which of the service's own secrets is a bearer token for it, too. */
export function secretName(text: string): string | undefined {
  if (/^(false|0|no|off)$/i.test(text)) return undefined;
  if (/^(true|1|yes|on)$/i.test(text)) return "true";
  if (/^[A-Za-z_]\w*$/.test(text)) return text;
  throw new Error("expected true, or the name of the variable with the service's secret");
}

/**
 * Why a token is none that a gateway may accept; undefined = it may. Nothing of the token is in the answer.
 * @param exposed whether others can reach the gateway
 */
export function weakness(token: string, exposed: boolean): string | undefined {
  if (isPlaceholder(token)) return "is a placeholder";
  if (!exposed) return undefined;
  if (PUBLIC.has(token.toLowerCase())) return "is printed in a public guide, so everybody has it";
  if (token.length < TOKEN_LENGTH) return `has fewer than ${TOKEN_LENGTH} characters`;
  return isMonotonous(token) || isWords(token) ? "is easily guessed" : undefined;
}

/** What stands in examples where a token belongs, also with a reference that nobody has filled. */
function isPlaceholder(token: string): boolean {
  const plain = token.toLowerCase().replace(/[^a-z0-9]/g, "");
  return plain === "" || UNFILLED.test(token) || STANDS_IN.test(plain) || /^(.)\1{2,}$/.test(plain);
}

const UNFILLED = /^(<.*>|\[.*\]|\{.*\}|%\w+%|\$\w+|env:.*)$|\$\{|\$\(|\{\{/i;

const STANDS_IN = new RegExp(
  [
    "change(me|this|it)|replace(me|this|with)|placeholder|(token|key|secret)(goes)?here",
    "your(own|new|strong|random|bearer|secret|api|access|auth|master|mcp|gateway|token|key)",
    "(insert|enter|paste|fillin|put)(the|a|my)?(bearer|secret|api|access)?(token|key|secret)",
    "^(none|null|undefined|true|false|todo|tbd|fixme|dummy|example|redacted|objectobject|(my)?(bearer)?token)$",
  ].join("|"),
);

/** Tokens of guides that many people have read, in lower case, and the digests of nothing and of the word password. */
const PUBLIC: ReadonlySet<string> = new Set([
  "14460eab-8367-40a5-b430-33c40671f6f4",
  "123e4567-e89b-12d3-a456-426614174000",
  "550e8400-e29b-41d4-a716-446655440000",
  "a-string-secret-at-least-256-bits-long",
  "correct-horse-battery-staple",
  "d41d8cd98f00b204e9800998ecf8427e",
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "5f4dcc3b5aa765d61d8327deb882cf99",
  "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
]);

/** Few different characters, a short piece again and again, or rows of the alphabet and of digits. */
function isMonotonous(token: string): boolean {
  if (new Set(token).size < 6) return true;
  if (`${token}${token}`.indexOf(token, 1) < token.length) return true;
  if (/^(.{1,16}?)\1+.{0,15}$/s.test(token)) return true;
  const steps = Array.from(token.slice(1), (char, at) => char.charCodeAt(0) - token.charCodeAt(at));
  return steps.filter((step) => Math.abs(step) <= 1).length > token.length / 2;
}

/** Little is left of it without common words, years and numbers that count up. */
function isWords(token: string): boolean {
  const plain = token.toLowerCase().replace(/[^a-z0-9]/g, "");
  return plain.replaceAll(COMMON, "").length < TOKEN_LENGTH / 2;
}

const COMMON =
  /0?123456(7(8(90?)?)?)?|20[0-9][0-9]|qwerty(uiop)?|asdf(gh(jkl)?)?|authorization|development|production|passw(or|0r)[dt]|passphrase|gangway|gateway|example|private|default|bearer|secret|master|access|server|service|random|strong|simple|secure|string|memory|github|firecrawl|admin|hello|world|super|token|local|login|please|guess|very|long|test|demo|this|that|coda|auth|user|root|just|some|safe|key|api|mcp|the|and|for|not|our|you|dev|my|is|of|to|in/g;
