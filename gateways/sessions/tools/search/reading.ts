/** Reads the list of tools on behalf of one call. */
import type { Caller, Settled } from "../../../bridge/connection.ts";
import { GatewayError } from "../../../errors.ts";
import { find, readMessage, withoutMembers, type Message } from "../../../jsonrpc.ts";

/** What stands behind a search. @typeParam Of who calls */
export interface Behind<Of extends Caller> {
  call(message: Message, caller: Of, settled: Settled): void;
  cancel(caller: Of, reason: GatewayError): void;
  /** What a caller of ours has of the one for whom it calls. */
  onBehalfOf(caller: Of): Omit<Of, "answer" | "message" | "fail">;
  /** An answer of ours as clients of the era expect it. */
  answer(text: string, request: Message): string;
}

const TOKEN: ReadonlySet<string> = new Set(["progressToken"]);
let last = 0;

/** A list that is being read. */
export class Reading<Of extends Caller> {
  readonly #call: Message;
  readonly #caller: Of;
  readonly #behind: Behind<Of>;
  #asking: { readonly caller: Of; readonly reject: (reason: GatewayError) => void } | undefined;
  #cancelled: GatewayError | undefined;

  /** @param call what it is read for */
  constructor(call: Message, caller: Of, behind: Behind<Of>) {
    this.#call = call;
    this.#caller = caller;
    this.#behind = behind;
  }

  /** @throws GatewayError when the page cannot be had, or the call has been cancelled */
  page(cursor: string | undefined): Promise<Message> {
    this.throwIfCancelled();
    return new Promise((resolve, reject) => {
      const caller = {
        ...this.#behind.onBehalfOf(this.#caller),
        message: () => {},
        fail: reject,
        answer: (text: string, received = readMessage(text)) => {
          if (received) resolve(received);
          else reject(new GatewayError("tools-not-listed", { reason: "it sent no message" }));
        },
      } as unknown as Of;
      this.#asking = { caller, reject };
      this.#behind.call(this.#request(cursor), caller, () => {});
    });
  }

  cancel(reason: GatewayError): void {
    this.#cancelled = reason;
    if (!this.#asking) return;
    this.#behind.cancel(this.#asking.caller, reason);
    this.#asking.reject(reason);
  }

  throwIfCancelled(): void {
    if (this.#cancelled) throw this.#cancelled;
  }

  /** The metadata is the client's own: in the modern era it says which version and capabilities it has. */
  #request(cursor: string | undefined): Message {
    const { text, params } = this.#call;
    const span = find(text, params, "_meta");
    const meta = span && withoutMembers(text.slice(span.start, span.end), 0, TOKEN);
    const members = [
      ...(meta === undefined ? [] : [`"_meta":${meta}`]),
      ...(cursor === undefined ? [] : [`"cursor":${cursor}`]),
    ];
    const request = `{"jsonrpc":"2.0","id":"search-${++last}","method":"tools/list","params":{${members.join(",")}}}`;
    return readMessage(request) as Message;
  }
}
