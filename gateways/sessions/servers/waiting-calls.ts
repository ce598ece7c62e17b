/** Calls that wait until their server is up. */
import type { Caller } from "../../bridge/connection.ts";
import { toGatewayError, type GatewayError } from "../../errors.ts";

/** What becomes of a call that waits. */
export interface WhenUp<T> {
  /** Runs the call. */
  readonly run: (up: T) => void;
  /** Called instead, when the call does not run. */
  readonly skipped: () => void;
}

/** The callers whose calls wait. One that cancels is answered at once, and its call never runs. */
export class WaitingCalls<C extends Pick<Caller, "fail">> {
  readonly #callers = new Set<C>();

  get size(): number {
    return this.#callers.size;
  }

  /** Runs a call once `up` has resolved. When `up` rejects, the caller fails with its reason. */
  async add<T>(caller: C, up: Promise<T>, { run, skipped }: WhenUp<T>): Promise<void> {
    this.#callers.add(caller);
    let server: T;
    try {
      server = await up;
    } catch (error) {
      skipped();
      this.cancel(caller, toGatewayError(error));
      return;
    }
    if (this.#callers.delete(caller)) run(server);
    else skipped();
  }

  /** @returns whether the caller's call was waiting */
  cancel(caller: C, reason: GatewayError): boolean {
    const waited = this.#callers.delete(caller);
    if (waited) caller.fail(reason);
    return waited;
  }

  cancelAll(reason: GatewayError): void {
    for (const caller of this.#callers) this.cancel(caller, reason);
  }
}
