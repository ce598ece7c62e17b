/** The members of a group, which may be others while it runs. */
import type { Service } from "../service.ts";

export class GroupMembers {
  /** Called after every change. */
  readonly onChange = new Set<() => void>();
  #list: readonly Service[];

  /** @param list of several that list the same resource, the first has it */
  constructor(list: readonly Service[]) {
    this.#list = list;
  }

  get list(): readonly Service[] {
    return this.#list;
  }

  /** One that was not touched stays the same object. */
  replace(list: readonly Service[]): void {
    if (list.length === this.#list.length && list.every((member, index) => member === this.#list[index])) return;
    this.#list = list;
    for (const changed of this.onChange) changed();
  }
}
