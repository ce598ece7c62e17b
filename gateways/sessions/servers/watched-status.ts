/** The status of a server, and who wants to know when it changes. */
import { UNKNOWN, type Status } from "./contract.ts";

export class WatchedStatus {
  /** Called after every change. */
  onStatus: (() => void) | undefined;
  #status: Status = UNKNOWN;

  get status(): Status {
    return this.#status;
  }

  protected set status(status: Status) {
    this.#status = status;
    this.onStatus?.();
  }
}
