/** What of a JSON Schema can be drawn: one level of it at a time, as the reader comes to it. */
import { cut, json } from "../../view/text.ts";
import { isFields, own, type Fields } from "./values.ts";

/** What is common to all. */
interface Described {
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** The default; undefined = there is none. */
  readonly initial: unknown;
}

/** One of several values. */
export interface Option {
  readonly label: string;
  readonly value: unknown;
}

/** One of several shapes. */
export interface Way {
  readonly label: string;
  readonly schema: unknown;
}

/** A field of an object. */
export interface Property {
  readonly name: string;
  readonly schema: unknown;
  readonly required: boolean;
}

/** The limits of a text. */
export interface TextRules {
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly pattern: string | undefined;
  readonly format: string | undefined;
}

/** The limits of a number. */
export interface NumberRules {
  readonly whole: boolean;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly exclusiveMinimum: number | undefined;
  readonly exclusiveMaximum: number | undefined;
  readonly multipleOf: number | undefined;
}

export type Field = Described &
  (
    | ({ readonly kind: "text"; readonly long: boolean } & TextRules)
    | ({ readonly kind: "number" } & NumberRules)
    | { readonly kind: "boolean" }
    | { readonly kind: "choice"; readonly options: readonly Option[] }
    | { readonly kind: "either"; readonly ways: readonly Way[] }
    | { readonly kind: "object"; readonly properties: readonly Property[]; readonly others: unknown }
    | { readonly kind: "list"; readonly items: unknown; readonly least: number; readonly most: number }
    | { readonly kind: "null" }
    /** What cannot be drawn is written as JSON. */
    | { readonly kind: "json" }
  );

/** Options, ways and properties that are drawn at most. */
const MANY = 200;
/** References that are followed, and parts of an `allOf` that are put together, at most. */
const STEPS = 16;

/**
 * The field of a schema. It looks at this level alone: the schemas below it are as they were, so a schema that contains itself, or
 * is very deep, costs only what is opened.
 * @param root the whole schema, in which references lead to their definitions
 */
export function fieldOf(schema: unknown, root: unknown): Field {
  const its = resolved(schema, root);
  const described: Described = {
    title: textIn(its, "title"),
    description: textIn(its, "description"),
    initial: own(its, "default"),
  };
  return { ...described, ...kindOf(its, root) };
}

type Kind = { [K in Field["kind"]]: Omit<Extract<Field, { kind: K }>, keyof Described> }[Field["kind"]];

const JSON_TEXT: Kind = { kind: "json" };

function kindOf(its: Fields, root: unknown): Kind {
  if (Object.hasOwn(its, "const")) return choiceOf([its["const"]]);
  const values = own(its, "enum");
  if (Array.isArray(values))
    return values.length > 0 && values.length <= MANY ? choiceOf(values as unknown[]) : JSON_TEXT;
  const ways = own(its, "anyOf") ?? own(its, "oneOf");
  if (Array.isArray(ways)) return eitherOf(ways as unknown[], its, root);
  const type = own(its, "type") ?? guessed(its);
  if (Array.isArray(type))
    return eitherOf(
      type.map((one: unknown) => ({ type: one })),
      its,
      root,
    );
  return (typeof type === "string" ? kinds[type]?.(its) : undefined) ?? JSON_TEXT;
}

/** Many schemas leave out the type where it is plain. */
const guessed = (its: Fields) =>
  own(its, "properties") !== undefined ? "object" : own(its, "items") !== undefined ? "array" : undefined;

const kinds: Readonly<Record<string, (its: Fields) => Kind>> = Object.assign(Object.create(null) as object, {
  string: (its: Fields): Kind => {
    const maxLength = numberIn(its, "maxLength");
    const format = textIn(its, "format");
    const plain = format === undefined && own(its, "pattern") === undefined;
    const long = plain && (maxLength === undefined ? LONG.test(textIn(its, "description") ?? "") : maxLength > 200);
    return {
      kind: "text",
      long,
      minLength: numberIn(its, "minLength"),
      maxLength,
      format,
      pattern: textIn(its, "pattern"),
    };
  },
  number: (its: Fields): Kind => numeric(its, false),
  integer: (its: Fields): Kind => numeric(its, true),
  boolean: (): Kind => ({ kind: "boolean" }),
  null: (): Kind => ({ kind: "null" }),
  object: objectOf,
  array: (its: Fields): Kind => {
    if (Array.isArray(own(its, "items")) || own(its, "prefixItems") !== undefined) return JSON_TEXT;
    const most = numberIn(its, "maxItems") ?? Infinity;
    return { kind: "list", items: own(its, "items") ?? {}, least: numberIn(its, "minItems") ?? 0, most };
  },
});

/** Words by which a description says that a text has several lines. */
const LONG = /\b(content|contents|body|markdown|multi-?line|code|script|prompt|query|sql|message text|lines)\b/i;

const numeric = (its: Fields, whole: boolean): Kind => ({
  kind: "number",
  whole,
  minimum: numberIn(its, "minimum"),
  maximum: numberIn(its, "maximum"),
  exclusiveMinimum: numberIn(its, "exclusiveMinimum"),
  exclusiveMaximum: numberIn(its, "exclusiveMaximum"),
  multipleOf: numberIn(its, "multipleOf"),
});

function objectOf(its: Fields): Kind {
  const listed = own(its, "properties");
  const named = isFields(listed) ? Object.entries(listed) : [];
  if (named.length > MANY) return JSON_TEXT;
  const asked = own(its, "required");
  const required = new Set(Array.isArray(asked) ? asked.slice(0, 10_000) : []);
  const properties = named.map(([name, schema]) => ({ name, schema, required: required.has(name) }));
  return { kind: "object", properties, others: own(its, "additionalProperties") ?? false };
}

const choiceOf = (values: readonly unknown[], labels: readonly (string | undefined)[] = []): Kind => ({
  kind: "choice",
  options: values.map((value, at) => ({ value, label: labels[at] ?? labelOf(value) })),
});

const labelOf = (value: unknown) => (typeof value === "string" ? cut(value || '""', 200) : json(value, 200));

/** Several constants with titles are a choice; anything else is several shapes. */
function eitherOf(listed: readonly unknown[], its: Fields, root: unknown): Kind {
  if (listed.length === 0 || listed.length > MANY) return JSON_TEXT;
  const ways = listed.map((way) => resolved(way, root));
  if (ways.every((way) => Object.hasOwn(way, "const")))
    return choiceOf(
      ways.map((way) => way["const"]),
      ways.map((way) => textIn(way, "title")),
    );
  const rest = Object.fromEntries(Object.entries(its).filter(([name]) => !ABOVE.has(name)));
  return { kind: "either", ways: ways.map((way, at) => ({ label: wayLabel(way, at), schema: { ...rest, ...way } })) };
}

/** What is of the choice itself, and not of what is chosen. */
const ABOVE = new Set(["anyOf", "oneOf", "default", "title", "description"]);

const wayLabel = (way: Fields, at: number) =>
  (textIn(way, "title") ?? TYPES[textIn(way, "type") ?? guessed(way) ?? ""] ?? `Form ${at + 1}`).slice(0, 200);

const TYPES: Readonly<Record<string, string | undefined>> = {
  string: "Text",
  number: "Number",
  integer: "Whole number",
  boolean: "Yes or no",
  object: "Fields",
  array: "List",
  null: "Nothing (null)",
};

/** The schema without references and `allOf` at its own level. What leads nowhere takes any JSON. */
function resolved(schema: unknown, root: unknown): Fields {
  let its = isFields(schema) ? schema : {};
  for (let step = 0; typeof its["$ref"] === "string"; step++) {
    const target = step < STEPS ? lookUp(its["$ref"], root) : undefined;
    if (!isFields(target)) return {};
    const { $ref: _ref, ...beside } = its;
    its = { ...target, ...beside };
  }
  const parts = own(its, "allOf");
  return Array.isArray(parts) && parts.length <= STEPS ? together(its, parts as unknown[], root) : its;
}

function together({ allOf: _allOf, ...its }: Fields, parts: readonly unknown[], root: unknown): Fields {
  const all = [
    its,
    ...parts.map((part) => (isFields(part) && typeof part["$ref"] === "string" ? lookUp(part["$ref"], root) : part)),
  ];
  const found = all.filter(isFields);
  const properties = found.flatMap((part) => (isFields(part["properties"]) ? Object.entries(part["properties"]) : []));
  const required = found.flatMap((part) => (Array.isArray(part["required"]) ? (part["required"] as unknown[]) : []));
  const merged: Fields = Object.fromEntries(found.toReversed().flatMap((part) => Object.entries(part)));
  return { ...merged, ...(properties.length > 0 && { properties: Object.fromEntries(properties) }), required };
}

/** Where a reference within the schema leads: a JSON Pointer (RFC 6901). Nothing is loaded from elsewhere. */
function lookUp(reference: string, root: unknown): unknown {
  if (!reference.startsWith("#")) return undefined;
  const steps = reference.slice(1).split("/").slice(1, 100);
  return steps.reduce<unknown>((at, step) => own(at, pointed(step)), root);
}

function pointed(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return step;
  }
}

const textIn = (its: Fields, name: string) => {
  const value = own(its, name);
  return typeof value === "string" ? value : undefined;
};

const numberIn = (its: Fields, name: string) => {
  const value = own(its, name);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
};
