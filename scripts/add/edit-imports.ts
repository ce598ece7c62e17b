/** Imports a builder (npm, pypi, ...) into the text of a catalog, and takes it out again. */
import type { ImportDeclaration } from "acorn";
import { type CatalogTree, isUsed, localName, readTree, specifiersOf } from "../kit/catalog-tree.ts";

/** What a builder is called in this catalog, and the text that imports it. */
export interface Imported {
  readonly local: string;
  readonly text: string;
}

/** The catalog with the builder in scope. */
export function withImport(text: string, builder: string): Imported {
  const tree = readTree(text);
  const known = tree.imports.map((node) => localName(node, builder)).find((name) => name !== undefined);
  if (known !== undefined) return { local: known, text };
  const folder = folderOf(tree.definer);
  return { local: builder, text: folder === undefined ? intoBraces(tree, builder) : asLine(tree, builder, folder) };
}

/** The catalog without the import, if nothing uses it any more. */
export function withoutImport(text: string, builder: string): string {
  const tree = readTree(text);
  const node = tree.imports.find((one) => localName(one, builder) !== undefined);
  if (node === undefined || isUsed(tree, localName(node, builder)!)) return text;
  if (node.specifiers.length > 1) return outOfBraces(text, node, builder);
  return cut(text, node.start, lineEnd(text, node.end));
}

/** A checkout imports each builder from a file of its own, the package's users all from one module. */
function folderOf({ source }: ImportDeclaration): string | undefined {
  return /^(.*\/)define\.ts$/.exec(String(source.value))?.[1];
}

function asLine({ text, imports, definer }: CatalogTree, builder: string, folder: string): string {
  const source = (name: string) => `${folder}kinds/${name}.ts`;
  const isBefore = (node: ImportDeclaration) => String(node.source.value) < source(builder);
  const before = imports.findLast((node) => node === definer || isBefore(node)) ?? definer;
  // Written as the import above it is: the same quotes, the same semicolon or none.
  const pattern = text.slice(definer.start, definer.end);
  const line = pattern
    .replace(/\{[^}]*\}/, pattern.includes("{ ") ? `{ ${builder} }` : `{${builder}}`)
    .replace(String(definer.source.value), source(builder));
  const at = lineEnd(text, before.end);
  return `${text.slice(0, at)}${line}\n${text.slice(at)}`;
}

function intoBraces({ text, definer }: CatalogTree, builder: string): string {
  const names = specifiersOf(definer);
  const [first, second] = names;
  const between = first && second ? text.slice(first.end, second.start) : ", ";
  const next = names.find(({ local }) => local.name.localeCompare(builder) > 0);
  if (next !== undefined) return `${text.slice(0, next.start)}${builder}${between}${text.slice(next.start)}`;
  const at = names.at(-1)!.end;
  return `${text.slice(0, at)}${between}${builder}${text.slice(at)}`;
}

function outOfBraces(text: string, node: ImportDeclaration, builder: string): string {
  const names = specifiersOf(node);
  const at = names.findIndex(({ imported }) => imported.type === "Identifier" && imported.name === builder);
  const [before, own, after] = [names[at - 1], names[at]!, names[at + 1]];
  if (after !== undefined) return cut(text, own.start, after.start);
  return before === undefined ? text : cut(text, before.end, own.end);
}

const cut = (text: string, from: number, to: number) => text.slice(0, from) + text.slice(to);

/** Behind the line break of the line in which something ends. */
function lineEnd(text: string, end: number): number {
  const at = text.indexOf("\n", end);
  return at < 0 ? text.length : at + 1;
}
