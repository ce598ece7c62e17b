/** Puts another version into the text of a catalog. Every other character stays as it is. */

/** Where an entry stands in the text. */
interface EntryRange {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** A catalog that has been parsed (ESTree). */
interface Tree {
  readonly text: string;
  readonly program: unknown;
  readonly entries: readonly EntryRange[];
}

/** A text in quotes: what it says, and where it stands with its quotes. */
interface TextLiteral {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The catalog with a service's server at another version. The text may stand in the entry, or once anywhere else.
 * @returns undefined when it stands nowhere as one text, or in several places outside of the entry: only a person can tell
 */
export function withVersion(tree: Tree, service: string, before: string, after: string): string | undefined {
  const all = textsIn(tree.program).filter(({ value }) => value === before);
  const own = tree.entries.find(({ name }) => name === service);
  const inside = own === undefined ? [] : all.filter(({ start, end }) => start >= own.start && end <= own.end);
  const [found, ...more] = inside.length > 0 ? inside : all;
  if (found === undefined || more.length > 0) return undefined;
  const quote = tree.text[found.start]!;
  if (after.includes(quote) || /[\\\n$]/.test(after)) return undefined;
  return `${tree.text.slice(0, found.start)}${quote}${after}${quote}${tree.text.slice(found.end)}`;
}

function textsIn(node: unknown): TextLiteral[] {
  if (typeof node !== "object" || node === null) return [];
  if (Array.isArray(node)) return node.flatMap(textsIn);
  const { type, value, start, end } = node as { type?: unknown; value?: unknown } & TextLiteral;
  if (type === "Literal" && typeof value === "string") return [{ value, start, end }];
  const plain = type === "TemplateLiteral" ? plainTemplate(node as Template) : undefined;
  return plain === undefined ? Object.values(node).flatMap(textsIn) : [{ value: plain, start, end }];
}

interface Template {
  readonly quasis: readonly { readonly value: { readonly cooked?: string | null } }[];
}

/** What a template without expressions says. */
const plainTemplate = ({ quasis: [only, ...more] }: Template): string | undefined =>
  more.length === 0 ? (only?.value.cooked ?? undefined) : undefined;
