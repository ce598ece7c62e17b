/** Session ids: random, and between several gateways of one service signed, with the address of their owner. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** A key for one purpose of one service, so that a signature for one is worth nothing to another. */
export const keyFor = (secret: string, service: string, purpose: string): Buffer =>
  createHmac("sha256", secret).update(`gangway ${purpose} ${service}`).digest();

/** The signature of a text, in base64url. */
export const sign = (key: Buffer, text: string): string =>
  createHmac("sha256", key).update(text, "latin1").digest("base64url");

/** Whether a signature is that of the text, in constant time. */
export function isSigned(key: Buffer, text: string, signature: string): boolean {
  const [wanted, got] = [Buffer.from(sign(key, text)), Buffer.from(signature)];
  return wanted.length === got.length && timingSafeEqual(wanted, got);
}

/** An id that nobody can guess. */
export const randomId = (): string => randomBytes(18).toString("base64url");

/** `<random>.<owner>.<signature>`: makes session ids, and reads who opened them. */
export class SessionIds {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** @param owner `host:port`, on a hub with `/<service>`: visible ASCII */
  make(owner: string): string {
    const unsigned = `${randomId()}.${owner}`;
    return `${unsigned}.${sign(this.#key, unsigned)}`;
  }

  /** Who opened the session; undefined when the id was not made with this key. */
  ownerOf(id: string): string | undefined {
    const end = id.lastIndexOf(".");
    const unsigned = id.slice(0, Math.max(end, 0));
    return isSigned(this.#key, unsigned, id.slice(end + 1)) ? unsigned.slice(unsigned.indexOf(".") + 1) : undefined;
  }
}
