/** Rows that can be added, moved and removed, with the mouse and with the keyboard. */
import { element } from "../../view/markup.ts";
import { nodeOf } from "../dom.ts";
import { button, focusIn, newId, type Control, type Maker } from "./control.ts";

interface Row {
  readonly node: HTMLElement;
  readonly control: Control;
}

export class Rows implements Control {
  readonly node = nodeOf(element("div", { class: "rows" })) as HTMLElement;
  readonly #list = nodeOf(element("ol", {})) as HTMLElement;
  readonly #problem = nodeOf(element("p", { class: "wrong", id: newId(), hidden: true })) as HTMLElement;
  readonly #add: HTMLButtonElement;
  readonly #maker: Maker;
  readonly #most: number;
  readonly #make: (initial: unknown, at: number) => Control;
  #rows: Row[] = [];

  /**
   * @param what the word for one of them
   * @param most how many there may be
   */
  constructor(what: string, maker: Maker, most: number, make: (initial: unknown, at: number) => Control) {
    this.#maker = maker;
    this.#most = most;
    this.#make = make;
    this.#add = button(`Add ${what}`, () => focusIn(this.add(undefined)));
    this.#add.setAttribute("aria-describedby", this.#problem.id);
    this.node.append(this.#list, this.#add, this.#problem);
  }

  /** Adds a row. Gives its node; undefined = there is no room for it. */
  add(initial: unknown): HTMLElement | undefined {
    if (this.#rows.length >= this.#most) return this.say(`There may be at most ${this.#most}.`);
    if (!this.#maker.hasRoomFor(1)) return this.say("The form has no room for more. Write the arguments as JSON.");
    this.say(undefined);
    const control = this.#make(initial, this.#rows.length);
    const node = nodeOf(element("li", {})) as HTMLElement;
    const row = { node, control };
    node.append(control.node, this.#buttons(row));
    this.#rows.push(row);
    this.#list.append(node);
    return node;
  }

  #buttons(row: Row): HTMLElement {
    const node = nodeOf(element("div", { class: "buttons" })) as HTMLElement;
    node.append(
      button("Up", () => this.#move(row, -1, 0), "Move up"),
      button("Down", () => this.#move(row, 1, 1), "Move down"),
      button("Remove", () => this.#remove(row)),
    );
    return node;
  }

  /** The button that was pressed keeps the focus, so that it can be pressed again. */
  #move(row: Row, by: number, pressed: number): void {
    const from = this.#rows.indexOf(row);
    const to = from + by;
    if (to < 0 || to >= this.#rows.length) return;
    this.#rows.splice(from, 1);
    this.#rows.splice(to, 0, row);
    this.#list.insertBefore(row.node, this.#list.children[by < 0 ? to : to + 1] ?? null);
    row.node.querySelectorAll<HTMLElement>(":scope > .buttons button")[pressed]!.focus();
  }

  #remove(row: Row): void {
    const next = row.node.nextElementSibling ?? row.node.previousElementSibling;
    this.#rows = this.#rows.filter((other) => other !== row);
    row.node.remove();
    this.say(undefined);
    if (next) focusIn(next);
    else this.#add.focus();
  }

  /** Shows what is wrong with how many there are. */
  say(problem: string | undefined, wrong: HTMLElement[] = []): undefined {
    this.#problem.textContent = problem ?? "";
    this.#problem.hidden = problem === undefined;
    if (problem !== undefined) wrong.push(this.#add);
  }

  read(wrong: HTMLElement[]): unknown[] {
    return this.#rows.map(({ control }) => control.read(wrong));
  }
}
