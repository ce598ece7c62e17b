/** Fields that have fields in them: objects, lists, names with values, and a choice of shapes. */
import { element } from "../../view/markup.ts";
import { nodeOf } from "../dom.ts";
import { Block, button, fieldset, focusIn, type Control, type Maker, type Place } from "./control.ts";
import type { Field } from "./fields.ts";
import { Rows } from "./rows.ts";
import { selectOf } from "./simple.ts";
import { ABSENT, isFields, own } from "./values.ts";

type Of<K extends Field["kind"]> = Extract<Field, { kind: K }>;

export function objectControl(field: Of<"object">, { name }: Place, maker: Maker): Control {
  const node = fieldset(name, field.description);
  const controls = field.properties.map(({ name, schema, required }) => {
    const initial = own(field.initial, name);
    return { name, control: maker.make(schema, { name, required }, initial) };
  });
  node.append(...controls.map(({ control }) => control.node));
  const others = field.others === false ? undefined : mapControl(field, maker);
  if (others) node.append(others.node);
  return {
    node,
    read: (wrong) => {
      const named = controls.map(({ name, control }) => [name, control.read(wrong)] as const);
      const more = (others?.read(wrong) ?? []) as [string, unknown][];
      // fromEntries makes fields of its own, whatever their names: `__proto__` is one, too.
      return Object.fromEntries([...named, ...more].filter(([, value]) => value !== ABSENT));
    },
  };
}

/** Fields whose names the reader chooses. Gives pairs of name and value. */
function mapControl(field: Of<"object">, maker: Maker): Control {
  const listed = new Set(field.properties.map(({ name }) => name));
  const given = isFields(field.initial) ? Object.entries(field.initial).filter(([name]) => !listed.has(name)) : [];
  const rows = new Rows("field", maker, Infinity, (initial) => {
    const [key, value] = Array.isArray(initial) ? (initial as [string, unknown]) : [undefined, undefined];
    const text = { type: "string", ...(key !== undefined && { default: key }) };
    const name = maker.make(text, { name: "Name", required: true });
    const its = maker.make(field.others, { name: "Value", required: true }, value);
    const node = nodeOf(element("div", { class: "pair" })) as HTMLElement;
    node.append(name.node, its.node);
    return { node, read: (wrong) => [name.read(wrong), its.read(wrong)] };
  });
  for (const pair of given) rows.add(pair);
  return rows;
}

/** Items that a list begins with at most: lists of lists would otherwise be long before anybody has written a word. */
const BEGINNING = 3;

export function listControl(field: Of<"list">, { name }: Place, maker: Maker): Control {
  const node = fieldset(name, field.description);
  const rows = new Rows("item", maker, field.most, (initial, at) =>
    maker.make(field.items, { name: `Item ${at + 1}`, required: true }, initial),
  );
  const given: unknown[] = Array.isArray(field.initial)
    ? field.initial
    : Array.from({ length: Math.min(field.least, BEGINNING) });
  for (const value of given) rows.add(value);
  node.append(rows.node);
  return {
    node,
    read: (wrong) => {
      const values = rows.read(wrong).filter((value) => value !== ABSENT);
      rows.say(values.length < field.least ? `Add at least ${field.least}.` : undefined, wrong);
      return values;
    },
  };
}

/** One of several shapes. The others are drawn when they are chosen. */
export function eitherControl(field: Of<"either">, place: Place, maker: Maker): Control {
  const first = field.initial === undefined ? (place.required ? 0 : -1) : wayOf(field);
  const input = selectOf(
    field.ways.map(({ label }) => label),
    place,
    first,
  );
  const block = new Block(place, field, input);
  const inside = nodeOf(element("div", { class: "way" })) as HTMLElement;
  block.node.append(inside);
  let control: Control | undefined;
  const draw = (initial?: unknown) => {
    const way = input.value === "" ? undefined : field.ways[Number(input.value)];
    control = way && maker.make(way.schema, { name: way.label, required: true }, initial);
    inside.replaceChildren(...(control ? [control.node] : []));
  };
  input.addEventListener("change", () => draw());
  draw(field.initial);
  return {
    node: block.node,
    read: (wrong) => {
      if (control === undefined && place.required) block.say("Choose one.", wrong);
      return control === undefined ? ABSENT : control.read(wrong);
    },
  };
}

/** The first shape whose type is that of the value. */
function wayOf({ ways, initial }: Of<"either">): number {
  const type = initial === null ? "null" : Array.isArray(initial) ? "array" : typeof initial;
  const fitting = ways.findIndex(({ schema }) => {
    const its = own(schema, "type");
    return its === type || (its === "integer" && type === "number");
  });
  return Math.max(0, fitting);
}

/** What may be left out, and is not drawn before it is wanted: so a schema that contains itself ends somewhere. */
export function onDemand(
  name: string,
  description: string | undefined,
  required: boolean,
  make: () => Control,
): Control {
  const node = nodeOf(element("div", { class: "on-demand" })) as HTMLElement;
  let control: Control | undefined;
  const fold = () => {
    control = undefined;
    const help = description === undefined ? [] : [nodeOf(element("p", { class: "help" }, description.slice(0, 500)))];
    node.replaceChildren(button(`Add ${name}`, open), ...help);
  };
  const open = () => {
    control = make();
    const leave = () => (fold(), focusIn(node));
    node.replaceChildren(control.node, button(`Leave out ${name}`, leave));
    focusIn(control.node);
  };
  fold();
  return {
    node,
    read: (wrong) => {
      if (control) return control.read(wrong);
      if (required) wrong.push(node.querySelector("button")!);
      return ABSENT;
    },
  };
}
