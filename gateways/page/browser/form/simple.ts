/** Fields with one input: texts, numbers, yes or no, a choice, and JSON for what has no field of its own. */
import { element } from "../../view/markup.ts";
import { json } from "../../view/text.ts";
import { nodeOf } from "../dom.ts";
import { Block, type Control, type Place } from "./control.ts";
import type { Field } from "./fields.ts";
import { problemOfNumber, problemOfText } from "./rules.ts";
import { ABSENT } from "./values.ts";

type Of<K extends Field["kind"]> = Extract<Field, { kind: K }>;

/** What browsers have an input for. None of them judges: the form's own messages do. */
const INPUTS: Readonly<Record<string, string | undefined>> = { date: "date", email: "email", uri: "url", url: "url" };

export function textControl(field: Of<"text">, place: Place): Control {
  const type = field.format === undefined ? "text" : (INPUTS[field.format] ?? "text");
  const input = inputOf(
    field.long
      ? element("textarea", { rows: 4, spellcheck: "false" })
      : element("input", { type, autocomplete: "off", spellcheck: "false" }),
  );
  if (typeof field.initial === "string") input.value = field.initial;
  const block = new Block(place, field, input, limitsOf(field));
  const mayBeEmpty = field.initial === "" || field.minLength === 0;
  return {
    node: block.node,
    read: (wrong) => {
      const { value } = input;
      if (value === "" && !place.required) return ABSENT;
      const problem = value === "" && !mayBeEmpty ? "Enter a value." : problemOfText(value, field);
      block.say(problem, wrong);
      return value;
    },
  };
}

const limitsOf = ({ format, pattern, minLength, maxLength }: Of<"text">) =>
  [format, pattern && `like ${pattern.slice(0, 100)}`, range(minLength, maxLength, " characters")]
    .filter(Boolean)
    .join(", ");

export function numberControl(field: Of<"number">, place: Place): Control {
  const input = inputOf(
    element("input", { type: "text", inputmode: field.whole ? "numeric" : "decimal", autocomplete: "off" }),
  );
  if (typeof field.initial === "number") input.value = String(field.initial);
  const kind = field.whole ? "whole number" : "number";
  const limits = range(field.minimum ?? field.exclusiveMinimum, field.maximum ?? field.exclusiveMaximum, "");
  const block = new Block(place, field, input, [kind, limits].filter(Boolean).join(", "));
  return {
    node: block.node,
    read: (wrong) => {
      if (input.value === "" && !place.required) return ABSENT;
      block.say(problemOfNumber(input.value, field), wrong);
      return Number(input.value);
    },
  };
}

function range(least: number | undefined, most: number | undefined, unit: string): string {
  if (least !== undefined && most !== undefined) return `${least} to ${most}${unit}`;
  if (most !== undefined) return `at most ${most}${unit}`;
  return least !== undefined && (least > 1 || unit === "") ? `at least ${least}${unit}` : "";
}

/** One that may be left out has three answers, which no checkbox has. */
export function booleanControl(field: Of<"boolean">, place: Place): Control {
  const options = [
    { label: "Yes (true)", value: true },
    { label: "No (false)", value: false },
  ];
  const { title, description } = field;
  const initial = field.initial ?? (place.required ? false : undefined);
  return choiceControl({ kind: "choice", title, description, initial, options }, place);
}

export function choiceControl(field: Of<"choice">, place: Place): Control {
  const initial = field.options.findIndex(({ value }) => json(value) === json(field.initial));
  const only = place.required && field.options.length === 1 ? 0 : -1;
  const input = selectOf(
    field.options.map(({ label }) => label),
    place,
    field.initial === undefined ? only : initial,
  );
  const block = new Block(place, field, input);
  return {
    node: block.node,
    read: (wrong) => {
      if (input.value === "" && !place.required) return ABSENT;
      block.say(input.value === "" ? "Choose one." : undefined, wrong);
      return field.options[Number(input.value)]?.value;
    },
  };
}

/** @param chosen the position of the option that it begins with; -1 = none */
export function selectOf(labels: readonly string[], { required }: Place, chosen: number): HTMLSelectElement {
  const none = element("option", { value: "" }, required ? "Choose" : "Leave out");
  const input = nodeOf(
    element(
      "select",
      {},
      none,
      labels.map((label, at) => element("option", { value: String(at) }, label)),
    ),
  );
  (input as HTMLSelectElement).selectedIndex = chosen + 1;
  return input as HTMLSelectElement;
}

export function nullControl(): Control {
  return { node: nodeOf(element("p", { class: "help" }, "It is sent as null.")) as HTMLElement, read: () => null };
}

export function jsonControl(field: Of<"json">, place: Place): Control {
  const input = inputOf(element("textarea", { rows: 6, spellcheck: "false", class: "code" }));
  if (field.initial !== undefined) input.value = json(field.initial, Infinity);
  const block = new Block(place, field, input, "as JSON");
  return {
    node: block.node,
    read: (wrong) => {
      if (input.value.trim() === "" && !place.required) return ABSENT;
      try {
        return JSON.parse(input.value) as unknown;
      } catch (error) {
        block.say(`This is not JSON: ${(error as Error).message.slice(0, 200)}`, wrong);
        return undefined;
      }
    },
  };
}

const inputOf = (drawn: ReturnType<typeof element>) => nodeOf(drawn) as HTMLInputElement | HTMLTextAreaElement;
