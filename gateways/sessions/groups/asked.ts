/** A request of the gateway's own to a member, on behalf of a client. */
import { GatewayError } from "../../errors.ts";
import { encode, readMessage, request, type Message } from "../../jsonrpc.ts";
import type { Share } from "../../memory-budget.ts";
import type { Principal } from "../../principal.ts";
import type { LaneCaller } from "../servers/contract.ts";
import type { MemberLink } from "./member-link.ts";

let last = 0;

/** On whose behalf members are asked. */
export interface Asking {
  /** Where answers are counted while others are awaited. @default - nowhere */
  readonly memory?: Share | undefined;
  /** @default - the group's client */
  readonly principal?: Principal | undefined;
  /** Aborted when nobody waits any longer. */
  readonly signal: AbortSignal;
}

/**
 * Whoever needs no answer: another one for each call, as calls are told apart by their callers. What the member says
 * meanwhile is for the client.
 */
export const quiet = (): LaneCaller => ({ streams: false, message: () => {}, answer: () => {}, fail: () => {} });

/**
 * Asks a member, which may take as long as for any other call.
 * @returns the answer, with a result
 * @throws GatewayError when there is none, or it is an error
 */
export function ask(link: MemberLink, method: string, params: object, from: Asking): Promise<Message> {
  const message = readMessage(request(encode(`group-${++last}`), method, params)) as Message;
  return new Promise((resolve, reject) => {
    if (from.signal.aborted) return reject(new GatewayError("cancelled"));
    const caller: LaneCaller = {
      ...quiet(),
      ...(from.memory && { memory: from.memory }),
      principal: from.principal,
      fail: reject,
      answer: (text) => {
        const answer = readMessage(text); // not what the server wrote: a service may offer less
        if (answer && answer.result >= 0) resolve(answer);
        else reject(new GatewayError("bad-answer", { service: link.name }));
      },
    };
    const cancel = () => void link.cancel(caller, new GatewayError("cancelled"));
    from.signal.addEventListener("abort", cancel);
    link.call(message, caller, () => {
      from.signal.removeEventListener("abort", cancel);
    });
  });
}
