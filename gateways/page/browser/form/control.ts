/** A field on the page. */
import { element } from "../../view/markup.ts";
import { nodeOf } from "../dom.ts";
import type { Field } from "./fields.ts";

/** What a reader fills in. */
export interface Control {
  readonly node: HTMLElement;
  /**
   * What was filled in, or ABSENT. What is wrong is shown beside the field, and added to the list.
   * @param wrong the fields with problems, in their order
   */
  read(wrong: HTMLElement[]): unknown;
}

/** What a field is called, and whether it may be left out. */
export interface Place {
  readonly name: string;
  readonly required: boolean;
}

/** What makes a control of a schema, for the fields inside others. */
export interface Maker {
  /** @param initial what it begins with; undefined = the schema's default */
  make(schema: unknown, place: Place, initial?: unknown): Control;
  /** Whether the form has room for so many more fields. */
  hasRoomFor(count: number): boolean;
}

/** Ids join a field with its label and its message. */
let ids = 0;
export const newId = (): string => `f${++ids}`;

/** A field as a block: its label, what it is for, the input, and what is wrong. */
export class Block {
  readonly node: HTMLElement;
  readonly #input: HTMLElement;
  readonly #problem: HTMLElement;

  /** @param aside what stands behind the label, such as the limits */
  constructor(
    { name, required }: Place,
    { title, description }: Pick<Field, "title" | "description">,
    input: HTMLElement,
    aside = "",
  ) {
    const id = (input.id = newId());
    this.#input = input;
    const help =
      description === undefined || description === title
        ? undefined
        : element("p", { class: "help", id: `${id}h` }, description.slice(0, 2_000));
    const label = element(
      "label",
      { for: id },
      element("span", { class: "name" }, name),
      title === undefined || title === name ? undefined : ` ${title.slice(0, 200)}`,
      element(
        "span",
        { class: "aside" },
        required ? " required" : " optional",
        aside === "" ? undefined : `, ${aside}`,
      ),
    );
    this.#problem = nodeOf(element("p", { class: "wrong", id: `${id}p`, hidden: true })) as HTMLElement;
    this.node = nodeOf(element("div", { class: "field" }, label, help)) as HTMLElement;
    input.setAttribute("aria-describedby", help ? `${id}h ${id}p` : `${id}p`);
    if (required) input.setAttribute("aria-required", "true");
    this.node.append(input, this.#problem);
    input.addEventListener("input", () => this.say(undefined));
  }

  /** Shows what is wrong, or that nothing is. */
  say(problem: string | undefined, wrong: HTMLElement[] = []): void {
    this.#problem.textContent = problem ?? "";
    this.#problem.hidden = problem === undefined;
    if (problem === undefined) this.#input.removeAttribute("aria-invalid");
    else {
      this.#input.setAttribute("aria-invalid", "true");
      wrong.push(this.#input);
    }
  }
}

/** A button that does something here. @param label what it does, where its text alone does not say it */
export function button(text: string, act: () => void, label?: string): HTMLButtonElement {
  const made = nodeOf(element("button", { type: "button", "aria-label": label }, text)) as HTMLButtonElement;
  made.addEventListener("click", act);
  return made;
}

/** Several fields with a common name. */
export function fieldset(name: string, description: string | undefined): HTMLFieldSetElement {
  const help = description === undefined ? undefined : element("p", { class: "help" }, description.slice(0, 2_000));
  return nodeOf(element("fieldset", {}, element("legend", {}, name), help)) as HTMLFieldSetElement;
}

/** Where the keyboard goes when what it was on is gone. */
export const focusIn = (node: Element | null | undefined): void =>
  node?.querySelector<HTMLElement>("input, select, textarea, button")?.focus();
