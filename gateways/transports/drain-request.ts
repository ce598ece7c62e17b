/**
 * What a gateway that ends asks of another one: to let the client of a connection go that it has taken through to it, once the
 * client's open calls have been answered. Only the other one knows those.
 */
import { request } from "node:http";
import type { Principal } from "../principal.ts";
import type { Exchange } from "./exchange.ts";
import { signatureOf, signForward } from "./forward-signature.ts";
import { DRAIN, FORWARDED, passedHeaders } from "./forwarded.ts";

/** Milliseconds that the other gateway may take to answer. */
const ANSWER_TIME = 2_000;

/** A connection that has been taken through to another gateway. */
export interface Carried {
  /** What the client has asked for. */
  readonly exchange: Pick<Exchange, "path" | "address">;
  /** `host:port`, with a path on a hub. */
  readonly owner: string;
  /** The header that its first request was forwarded with. */
  readonly signature: string;
  /** Whose it is. */
  readonly principal: Principal;
}

/** Whether a request that was forwarded is one of these. */
export const asksToDrain = ({ forwarded, method }: Exchange): boolean => forwarded !== undefined && method === "DELETE";

/** Milliseconds that the open calls have. */
export const drainTime = (exchange: Exchange): number => Number(exchange.header(DRAIN)) || 0;

/** @param time milliseconds that the open calls have @returns whether the other gateway has the connection, and does it */
export function askToDrain(
  { exchange, owner, signature, principal }: Carried,
  key: Buffer,
  time: number,
): Promise<boolean> {
  const { path, address } = exchange;
  const session = signatureOf(signature);
  const headers = { [DRAIN]: String(Math.round(time)) };
  const signed = signForward(
    { method: "DELETE", path, address, session, req: { headers } },
    { key, audience: owner, principal, body: Buffer.alloc(0) },
  );
  const sending = request(`http://${owner}${path}`, {
    method: "DELETE",
    agent: false,
    timeout: ANSWER_TIME,
    headers: { ...Object.fromEntries(passedHeaders(headers, session)), [FORWARDED]: signed },
  });
  return new Promise((resolve) => {
    sending.once("response", (answer) => {
      answer.resume();
      resolve(answer.statusCode === 202);
    });
    sending.once("timeout", () => sending.destroy());
    sending.once("error", () => resolve(false));
    sending.end();
  });
}
