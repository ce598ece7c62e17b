/** Parts of the forms. */
import { element, type Child, type Element } from "../../gateways/page/view/markup.ts";

/** What every form sends with it. */
export interface FormFrame {
  /** Where it is sent. */
  readonly action: string;
  /** What proves that a page of ours has sent it. */
  readonly csrf: string;
}

/** One line that a person fills in. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: "text" | "password";
  readonly value?: string | undefined;
  /** What a password manager puts in. */
  readonly autocomplete: string;
  readonly inputmode?: "numeric" | "email";
  readonly help?: string;
  /** What is wrong with it. */
  readonly wrong?: string | undefined;
  /** Whether the page opens in it. */
  readonly first?: boolean;
}

/** A form with its CSRF token and its content. */
export const form = ({ action, csrf }: FormFrame, ...content: readonly Child[]): Element =>
  element(
    "form",
    { method: "post", action, class: "stack" },
    element("input", { type: "hidden", name: "csrf", value: csrf }),
    ...content,
  );

/** A field with its label, its help, and what is wrong with it. */
export function field(of: Field): Element {
  const { name, label, type = "text", value, autocomplete, inputmode, help, wrong, first = false } = of;
  const described = [wrong !== undefined && `${name}-wrong`, help !== undefined && `${name}-help`].filter(Boolean);
  return element(
    "div",
    { class: "field" },
    element("label", { class: "name", for: name }, label),
    element("input", {
      id: name,
      name,
      type,
      value,
      autocomplete,
      inputmode,
      required: true,
      autofocus: first,
      maxlength: 512,
      autocapitalize: "none",
      spellcheck: "false",
      "aria-invalid": wrong === undefined ? undefined : "true",
      "aria-describedby": described.length === 0 ? undefined : described.join(" "),
    }),
    wrong === undefined ? undefined : element("p", { class: "wrong", id: `${name}-wrong` }, wrong),
    help === undefined ? undefined : element("p", { class: "help", id: `${name}-help` }, help),
  );
}

/** A problem that stands above a form, read out when the page opens. */
export const problem = (text: string | undefined): Element | undefined =>
  text === undefined ? undefined : element("p", { class: "problem failed", role: "alert", id: "problem" }, text);

/** A button; what it says is sent as `step`. */
export const button = (
  text: string,
  step: string,
  primary = false,
  attributes: { formnovalidate?: boolean } = {},
): Element =>
  element("button", { name: "step", value: step, class: primary ? "primary" : undefined, ...attributes }, text);
