/** Trying a tool: its form, the call, and what came of it. */
import { element, type Element as Drawn } from "../view/markup.ts";
import { resultView } from "../view/result.ts";
import { copyable, folded, json } from "../view/text.ts";
import type { CallReport, CallRequest, Tool } from "../status.ts";
import { ask } from "./ask.ts";
import { fill, nodeOf } from "./dom.ts";
import { button } from "./form/control.ts";
import { Form } from "./form/form.ts";
import type { Fields } from "./form/values.ts";

/** Draws the form of a tool into its place. */
export function offerTry(place: Element, service: string, { name, inputSchema = {} }: Tool): void {
  const node = nodeOf(element("form", { novalidate: true, "aria-label": `Try ${name}` })) as HTMLFormElement;
  const inputs = nodeOf(element("div", { class: "inputs" })) as HTMLElement;
  const send = nodeOf(element("button", { class: "primary" }, "Call the tool")) as HTMLButtonElement;
  const outcome = nodeOf(element("div", { class: "outcome", role: "status", tabindex: -1 })) as HTMLElement;
  const arguments_ = new Arguments(inputSchema, inputs);
  const swap = button("Write JSON instead", () => {
    if (arguments_.swap()) swap.textContent = arguments_.isJson ? "Use the form" : "Write JSON instead";
  });
  const call = async () => {
    const read = arguments_.read();
    if (read === undefined || send.disabled) return;
    send.disabled = true;
    fill(outcome, element("p", { class: "muted" }, "Calling…"));
    fill(outcome, await report({ service, tool: name, arguments: read }));
    send.disabled = false;
    outcome.focus();
  };
  const actions = nodeOf(element("div", { class: "actions" })) as HTMLElement;
  actions.append(send, swap);
  node.append(inputs, actions);
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    void call();
  });
  place.replaceChildren(nodeOf(element("p", { class: "title" }, "Try it")), node, outcome);
}

/** The arguments, in a form or as JSON. */
class Arguments {
  isJson = false;
  readonly #schema: unknown;
  readonly #place: HTMLElement;
  #form: Form;

  constructor(schema: unknown, place: HTMLElement) {
    this.#schema = schema;
    this.#place = place;
    this.#form = this.#show(new Form(schema));
  }

  /** Undefined where something is wrong: the reader is then at the first such field. */
  read(): Fields | undefined {
    const read = this.#form.read();
    if ("arguments" in read) return read.arguments;
    read.wrong[0]?.focus();
    return undefined;
  }

  /** Changes between form and JSON, with what is filled in. False where that is wrong. */
  swap(): boolean {
    const filled = this.read();
    if (filled === undefined) return false;
    this.isJson = !this.isJson;
    this.#form = this.#show(this.isJson ? new Form({}, filled) : new Form(this.#schema, filled));
    return true;
  }

  #show(form: Form): Form {
    this.#place.replaceChildren(form.node);
    return form;
  }
}

async function report(request: CallRequest): Promise<Drawn> {
  try {
    return outcomeOf(await ask<CallReport>("call", request));
  } catch (error) {
    return element("p", { class: "problem" }, (error as Error).message);
  }
}

const outcomeOf = ({ request, response, milliseconds }: CallReport): Drawn =>
  element(
    "div",
    { class: "report" },
    element(
      "p",
      { class: "title" },
      "Result ",
      element("span", { class: "muted" }, `after ${Math.round(milliseconds)} ms`),
    ),
    resultView(response),
    element(
      "div",
      { class: "raw" },
      folded("Request", copyable(json(request), "Request"), { open: true }),
      folded("Response", copyable(json(response), "Response"), { open: true }),
    ),
  );
