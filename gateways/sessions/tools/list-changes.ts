/** How often a server has said that its list of tools has changed. */
export class ToolListChanges {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The server has said so. */
  readonly note = (): void => void this.#count++;
}
