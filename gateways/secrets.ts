/**
 * The secret values that this process knows, and texts without them. They are known to the whole process: a secret must not
 * be told in whichever service's name.
 */
import { clipped, printable, type Shown } from "./printable.ts";

/** The least characters of a value that is replaced wherever it stands, also in the middle of a word. */
const ANYWHERE = 8;
/** The least characters of a value that is replaced at all; shorter ones would be found in any text. */
const LEAST = 4;
/** The least characters of an encoded form: fewer would match by chance. */
const LEAST_ENCODED = 8;

/** What secrets are looked for, and by which names they are replaced. */
export class Secrets {
  /** Each form in which a value may be written, with the name that is written instead. */
  readonly #forms = new Map<string, string>();
  #pattern: RegExp | undefined;

  /**
   * From now on a value is replaced by `[name]`, as it is and as JSON, a URL, Base64 or hex would write it. One of less than
   * four characters is not: it could not be told from other text. One of less than eight, or of letters alone, is replaced as
   * a word of its own.
   * @returns makes it unknown again, unless it was known before
   */
  add(name: string, value: string): () => void {
    const added = [...formsOf(value)].filter((form) => !this.#forms.has(form));
    for (const form of added) this.#forms.set(form, `[${name}]`);
    if (added.length > 0) this.#pattern = undefined;
    return () => {
      for (const form of added) this.#forms.delete(form);
      if (added.length > 0) this.#pattern = undefined;
    };
  }

  /** Whether it is one of the values that are replaced. */
  has(value: string): boolean {
    return this.#forms.has(value.trim());
  }

  get #matcher(): RegExp {
    return (this.#pattern ??= patternOf([...this.#forms.keys()]));
  }

  /** The text with the names of secrets instead of their values. */
  redacted(text: string): string {
    const known = this.#forms.size === 0 ? text : text.replace(this.#matcher, (found) => this.#forms.get(found)!);
    return known.replace(LOGIN, "$1[password]@").replace(CREDENTIALS, "$1 [token]").replace(SERVICE_TOKEN, "[token]");
  }
}

/**
 * What is secret whatever its value: the password of a URL, what an Authorization header carries, and the token of one service
 * (stacks/tokens.ts), of which a gateway knows only the digest.
 */
const LOGIN = /(:\/\/[^\s/:@[\]]{0,100}:)[^\s/@[\]]{1,500}@/g;
const CREDENTIALS = /\b(Bearer|Basic)\s{1,4}(?=[\w.~+/=-]{0,500}\d)[\w.~+/=-]{8,2000}/g;
const SERVICE_TOKEN = /\bgw_[a-z0-9-]{1,63}_[\w-]{43}/g;

/** The secrets of this process. */
export const secrets = new Secrets();

/**
 * What somebody else said, ready to be told: printable, without known secrets, and bounded. Everything that a server, an
 * upstream or a client says passes here before it reaches a terminal, a log, a page or somebody else.
 */
export function told(said: unknown, shown: Shown = {}): string {
  const { limit = 1_000 } = shown;
  // Cut last: half a secret would not be found.
  return clipped(secrets.redacted(printable(said, { ...shown, limit: Math.max(limit, WHOLE) })), limit);
}

const WHOLE = 65_536;

/** The value as it may stand in a text. Each line of a value of several lines counts by itself: a log may be cut there. */
function formsOf(value: string): Set<string> {
  const trimmed = value.trim();
  if (trimmed.length < LEAST) return new Set();
  const lines = trimmed.split(/\r?\n/).map((line) => line.trim());
  const parts = lines.length > 1 ? lines.filter((line) => line.length >= 16 && !line.startsWith("-----")) : [];
  const plain = [trimmed, ...parts].flatMap((text) => [
    text,
    ...jsonForms(text),
    ...pageForms(text),
    text.replace(/[\\']/g, "\\$&"), // as Python, Ruby and Node show a text
    printable(text, { limit: Infinity }),
  ]);
  const encoded = [trimmed, ...parts].flatMap((text) => [...urlForms(text), ...base64Forms(text), ...hexForms(text)]);
  return new Set([...plain, ...encoded.filter((form) => form.length >= LEAST_ENCODED)]);
}

const asJson = (text: string) => JSON.stringify(text).slice(1, -1);

/** As other languages write JSON, too: PHP escapes slashes, Go what HTML would read, .NET more of that and in capitals. */
function jsonForms(text: string): string[] {
  const json = asJson(text);
  const dotnet = json.replaceAll('\\"', '"').replace(/[<>&'"+`\u007f-\uffff]/g, (char) => escape(char, true));
  return [
    json,
    asJson(json),
    ascii(json),
    json.replaceAll("/", "\\/"),
    ascii(json).replaceAll("/", "\\/"),
    json.replace(/[<>&\u2028\u2029]/g, (char) => escape(char)),
    dotnet,
  ];
}

const ascii = (json: string) => json.replace(/[\u007f-\uffff]/g, (char) => escape(char));

function escape(char: string, capitals = false): string {
  const code = char.charCodeAt(0).toString(16).padStart(4, "0");
  return `\\u${capitals ? code.toUpperCase() : code}`;
}

/** As a page or an XML document has it. The quotes have several spellings. */
function pageForms(text: string): string[] {
  const safe = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const quoted = (double: string, single: string) => safe.replaceAll('"', double).replaceAll("'", single);
  return [
    safe,
    quoted("&quot;", "'"),
    quoted("&quot;", "&#39;"),
    quoted("&quot;", "&#x27;"),
    quoted("&quot;", "&apos;"),
    quoted("&#34;", "&#39;"),
  ];
}

const lower = (url: string) => url.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());

function urlForms(text: string): string[] {
  const percent = encodeURIComponent(text.toWellFormed());
  const strict = percent.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const forms = [
    percent,
    strict,
    encodeURI(text.toWellFormed()),
    percent.replaceAll("%20", "+"),
    strict.replaceAll("%20", "+"),
  ];
  return forms.flatMap((form) => [form, lower(form)]);
}

/** Base64 of the value by itself and inside a longer text (`user:value`), where it may begin at any of three places. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    const whole = bytes.toString("base64").replace(/=+$/, "");
    // Characters that hold bits of what stands before and after are left out.
    const sure = whole.slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6));
    return [sure, sure.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

function hexForms(text: string): string[] {
  const hex = Buffer.from(text).toString("hex");
  // Node shows a Buffer with blanks, OpenSSL bytes with colons.
  const apart = [" ", ":"].map((between) => hex.replace(/..(?=.)/g, `$&${between}`));
  return [hex, ...apart].flatMap((form) => [form, form.toUpperCase()]);
}

/** Whether a form is found only where it is not part of a longer word. */
const isWord = (form: string) => form.length < ANYWHERE || /^[a-z]+$/i.test(form);

/** The longest first, so that a secret that contains another one is replaced as a whole. */
function patternOf(forms: readonly string[]): RegExp {
  const sorted = forms.toSorted((one, other) => other.length - one.length);
  const anywhere = sorted.filter((form) => !isWord(form)).map(literal);
  const words = sorted.filter(isWord).map((form) => `(?<![\\p{L}\\p{N}])${literal(form)}(?![\\p{L}\\p{N}])`);
  return new RegExp([...anywhere, ...words].join("|"), "gu");
}

const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
