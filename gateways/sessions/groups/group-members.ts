/** The members of a group, which may be others while it runs. */

/** @typeParam Member a service */
export class GroupMembers<Member> {
  /** Called after every change. */
  readonly onChange = new Set<() => void>();
  #list: readonly Member[];

  /** @param list of several that list the same resource, the first has it */
  constructor(list: readonly Member[]) {
    this.#list = list;
  }

  get list(): readonly Member[] {
    return this.#list;
  }

  /** One that was not touched stays the same object. */
  replace(list: readonly Member[]): void {
    if (list.length === this.#list.length && list.every((member, index) => member === this.#list[index])) return;
    this.#list = list;
    for (const changed of this.onChange) changed();
  }
}
