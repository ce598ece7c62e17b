/** Who takes a list in place of its caller, so that the caller gets it filtered. */
import type { GatewayError } from "../../errors.ts";
import { readMessage, type Message, type Pieces } from "../../jsonrpc.ts";
import type { Held, Share } from "../../memory-budget.ts";
import type { Principal } from "../../principal.ts";
import type { LaneCaller, ModernCaller } from "../servers/contract.ts";

/** Makes the answer that the caller gets. @throws GatewayError when it cannot be read */
export type Filter = (answer: string) => string;

/** Takes a list on behalf of a session. */
export class Lister<Of extends LaneCaller> implements LaneCaller {
  protected readonly caller: Of;
  readonly #filter: Filter;

  constructor(caller: Of, filter: Filter) {
    this.#filter = filter;
    this.caller = caller;
  }

  get thisConnectionOnly(): boolean {
    return this.caller.thisConnectionOnly ?? false;
  }

  get streams(): boolean {
    return this.caller.streams ?? false;
  }

  get memory(): Share | undefined {
    return this.caller.memory;
  }

  get principal(): Principal | undefined {
    return this.caller.principal;
  }

  answer(text: string, received?: Message, pieces?: Pieces): void {
    let offered: string;
    try {
      offered = this.#filter(text);
    } catch (error) {
      return this.fail(error as GatewayError);
    }
    if (offered === text) this.caller.answer(text, received, pieces);
    else this.caller.answer(offered, readMessage(offered)); // what was received has all tools in it
  }

  message(text: string): void {
    this.caller.message(text);
  }

  fail(error: GatewayError): void {
    this.caller.fail(error);
  }
}

/** The same on behalf of a modern caller. */
export class ModernLister extends Lister<ModernCaller> implements ModernCaller {
  override get principal(): Principal {
    return this.caller.principal;
  }

  get held(): Held | undefined {
    return this.caller.held;
  }

  get address(): string {
    return this.caller.address;
  }

  get logLevel(): string | undefined {
    return this.caller.logLevel;
  }
}
