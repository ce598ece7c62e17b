/** The catalog as source text: where its entries and its imports stand. */
import module from "node:module";
import {
  type CallExpression,
  type Comment,
  type ImportDeclaration,
  type ImportSpecifier,
  type ObjectExpression,
  parse,
  type Program,
  type Property,
} from "acorn";

/** A part of the text: from its first character to behind its last one. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** An entry: its key, and where it stands, without the comma behind it. */
export interface EntryRange extends Range {
  readonly name: string;
}

/** What a catalog looks like that we can edit. */
export interface CatalogTree {
  readonly text: string;
  readonly program: Program;
  readonly comments: readonly Range[];
  /** The braces with the entries in them. */
  readonly object: Range;
  readonly entries: readonly EntryRange[];
  readonly imports: readonly ImportDeclaration[];
  /** The import that `defineServices` comes from. */
  readonly definer: ImportDeclaration;
}

/** The catalog is written in another way than ours are: it works, but only a person can edit it. */
export class OtherShape extends Error {}

/** @throws OtherShape, with what was expected */
export function readTree(text: string): CatalogTree {
  const comments: Comment[] = [];
  const program = parseCatalog(text, comments);
  const imports = program.body.filter((node) => node.type === "ImportDeclaration");
  const definer = imports.find((node) => localName(node, "defineServices") !== undefined);
  const callee = definer && localName(definer, "defineServices");
  if (definer === undefined || callee === undefined) throw new OtherShape("expected import { defineServices } in it");
  const object = entriesOf(program, callee);
  return { text, program, comments, object, entries: object.properties.flatMap(named), imports, definer };
}

/** What a name that is imported is called here; undefined where it is not imported. */
export function localName(node: ImportDeclaration, imported: string): string | undefined {
  return specifiersOf(node).find((one) => one.imported.type === "Identifier" && one.imported.name === imported)?.local
    .name;
}

/** The names in braces. */
export const specifiersOf = ({ specifiers }: ImportDeclaration): ImportSpecifier[] =>
  specifiers.filter((one) => one.type === "ImportSpecifier");

/** Whether a name is used anywhere but where it is imported. */
export function isUsed(tree: CatalogTree, name: string): boolean {
  const found = (node: unknown): boolean => {
    if (typeof node !== "object" || node === null) return false;
    if (Array.isArray(node)) return node.some(found);
    const { type, name: own } = node as { type?: string; name?: unknown };
    if (type === "ImportDeclaration") return false;
    return (type === "Identifier" && own === name) || Object.values(node).some(found);
  };
  return found(tree.program);
}

/** Types become blanks, so that everything else keeps its place. */
function parseCatalog(text: string, onComment: Comment[]): Program {
  const plain = withoutWarning(() => module.stripTypeScriptTypes(text));
  if (plain.length !== text.length) throw new OtherShape("expected types that can be taken out of it");
  return parse(plain, { ecmaVersion: "latest", sourceType: "module", onComment });
}

/** Node says of this function, on its first call, that it may change. */
function withoutWarning<T>(work: () => T): T {
  const own = Object.getOwnPropertyDescriptor(process, "emitWarning")!;
  process.emitWarning = () => {};
  try {
    return work();
  } finally {
    Object.defineProperty(process, "emitWarning", own);
  }
}

/** `export const services = defineServices({ ... })`. @throws OtherShape */
function entriesOf({ body }: Program, callee: string): ObjectExpression {
  const declared = body.flatMap((node) => {
    const declaration = node.type === "ExportNamedDeclaration" ? node.declaration : node;
    return declaration?.type === "VariableDeclaration" ? declaration.declarations : [];
  });
  const [found] = declared.filter(({ id }) => id.type === "Identifier" && id.name === "services");
  const object = found?.init?.type === "CallExpression" ? argumentOf(found.init, callee) : undefined;
  if (object === undefined) throw new OtherShape("expected const services = defineServices({ ... }) in it");
  return object;
}

function argumentOf({ callee, arguments: given }: CallExpression, name: string): ObjectExpression | undefined {
  const [object, ...more] = given;
  const isOurs = callee.type === "Identifier" && callee.name === name && more.length === 0;
  return isOurs && object?.type === "ObjectExpression" ? object : undefined;
}

function named(property: Property | { readonly type: "SpreadElement" }): EntryRange[] {
  if (property.type !== "Property" || property.computed) return [];
  const { key, start, end } = property;
  if (key.type === "Identifier") return [{ name: key.name, start, end }];
  return key.type === "Literal" ? [{ name: String(key.value), start, end }] : [];
}
