/** The text of a new entry. What a server or a registry says becomes a text in quotes or one line of comment, never code. */
import { printable } from "../../gateways/printable.ts";

/** An entry as it is going to be written. */
export interface NewEntry {
  readonly name: string;
  /** The builder: npm, pypi, image, http or sse. */
  readonly kind: string;
  /** What the builder is given: the package, image or URL. */
  readonly spec: string;
  /** Its arguments, or the command in its image. @default none */
  readonly words?: readonly string[];
  readonly port: number;
  /** By mount point: the name of the volume. */
  readonly volumes?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly optionalSecrets?: readonly string[];
  /** What it is, in the server's own words. */
  readonly about?: string | undefined;
}

/** How the catalog is written. */
export interface Style {
  /** What the builder is called in it. */
  readonly builder: string;
  /** What a line is indented by. */
  readonly step: string;
  /** How many characters a line may have. */
  readonly width: number;
}

/** The entry and its comment, without a comma behind it. */
export function render(entry: NewEntry, style: Style): string {
  const { step, width } = style;
  const { volumes = {}, env = {}, secrets = [], optionalSecrets = [] } = entry;
  const field = (name: string, ...lists: readonly [readonly string[], string, string]) =>
    lists[0].length === 0 ? [] : bracketed(`${name}: `, ...lists, style);
  const lines = [
    ...call(entry, style),
    `port: ${entry.port},`,
    ...field("volumes", pairs(volumes), "{ ", " },"),
    ...field("env", pairs(env), "{ ", " },"),
    ...field("secrets", secrets.map(quoted), "[", "],"),
    ...field("optionalSecrets", optionalSecrets.map(quoted), "[", "],"),
  ];
  const about = comment(entry.about, width - step.length);
  const key = isPlain(entry.name) ? entry.name : quoted(entry.name);
  return [...about, `${key}: {`, ...lines.map((line) => step + line), "}"].map((line) => step + line).join("\n");
}

/** One line of comment, in which nothing can end the line: no line break, no control character. */
function comment(about: string | undefined, width: number): string[] {
  const text = printable((about ?? "").replaceAll(/\s+/g, " ").trim(), { limit: LONGEST });
  return text === "" ? [] : [`// ${shortened(text, width - "// ".length)}`];
}

/** Of a description, more is not even looked at. */
const LONGEST = 1_000;

/** Its first sentence where that fits, or as many words as do. */
function shortened(text: string, width: number): string {
  if (text.length <= width) return text;
  const sentence = /^.*?[.!?](?= )/.exec(text)?.[0];
  if (sentence !== undefined && sentence.length <= width) return sentence;
  return `${text.slice(0, width - 1).replace(/ [^ ]*$|\\u?[0-9a-f]{0,3}$|[\ud800-\udbff]$/, "")}…`;
}

function call({ spec, words = [] }: NewEntry, style: Style): string[] {
  const head = `server: ${style.builder}(${quoted(spec)}`;
  if (words.length === 0) return [`${head}),`];
  return bracketed(`${head}, `, words.map(quoted), "[", "]),", style);
}

/** In one line, or where that is too long, each in a line of its own. */
function bracketed(head: string, items: readonly string[], open: string, close: string, style: Style): string[] {
  const line = `${head}${open}${items.join(", ")}${close}`;
  if (line.length + 2 * style.step.length <= style.width) return [line];
  return [`${head}${open.trim()}`, ...items.map((item) => `${style.step}${item},`), close.trim()];
}

const pairs = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([name, value]) => `${isPlain(name) ? name : quoted(name)}: ${quoted(value)}`);

/** A name that needs no quotes as a key. */
const isPlain = (name: string) => /^[A-Za-z_$][\w$]*$/.test(name);

/** A text in quotes, in which what could act on a terminal or deceive a reader is written as an escape. */
const quoted = (text: string) => printable(JSON.stringify(text), { limit: Infinity });
