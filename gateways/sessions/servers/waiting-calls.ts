/** Calls that wait until their server is up. */
import type { Caller } from "../../bridge/connection.ts";
import { toGatewayError, type GatewayError } from "../../errors.ts";
import type { Message } from "../../jsonrpc.ts";
import type { Share } from "../../memory-budget.ts";
import { tellStart } from "./start-progress.ts";

/** What becomes of a call that waits. */
export interface WhenUp<T> {
  /** Bytes that the call holds while it waits. */
  readonly bytes: number;
  /** What it waits for, and the call itself, so that its caller is told. @default - nobody is told */
  readonly starts?: { readonly service: string; readonly call: Message };
  /** Runs the call. */
  readonly run: (up: T) => void;
  /** Called instead, when the call does not run. */
  readonly skipped: () => void;
}

/** The callers whose calls wait. One that cancels is answered at once, and its call never runs. */
export class WaitingCalls<C extends Pick<Caller, "fail" | "memory" | "message">> {
  readonly #callers = new Set<C>();

  get size(): number {
    return this.#callers.size;
  }

  /** Runs a call once `up` has resolved. When `up` rejects, or there is no memory to wait in, the caller fails with the reason. */
  async add<T>(caller: C, up: Promise<T>, { bytes, starts, run, skipped }: WhenUp<T>): Promise<void> {
    this.#callers.add(caller);
    const isWaiting = { message: (text: string) => void (this.#callers.has(caller) && caller.message(text)) };
    const told = starts && tellStart(starts.service, starts.call, isWaiting);
    let server: T;
    try {
      server = await whileHeld(bytes, caller.memory, up);
    } catch (error) {
      skipped();
      this.cancel(caller, toGatewayError(error));
      return;
    } finally {
      told?.();
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

/** Waits, and counts what is held meanwhile. @throws GatewayError `memory-exhausted` */
async function whileHeld<T>(bytes: number, memory: Share | undefined, waiting: Promise<T>): Promise<T> {
  waiting.catch(() => {}); // nobody may be left to wait for it
  memory?.take(bytes);
  try {
    return await waiting;
  } finally {
    memory?.give(bytes);
  }
}
