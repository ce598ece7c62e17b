/**
 * Subscriptions whose stream was cut: a proxy limits its time, the server is deployed again, the network is gone. They are
 * requested again until the client cancels them, and the client need not know.
 */
import { META } from "../bridge/versions.ts";
import type { GatewayError } from "../errors.ts";
import { idKey, written, type Message } from "../jsonrpc.ts";

/** Milliseconds before a subscription is requested again: the pause doubles from the first to the last. */
const PAUSE = { first: 1_000, last: 30_000 };

interface Renewed {
  /** Since it was acknowledged last. */
  tries: number;
  isAcknowledged: boolean;
}

export class Renewals {
  readonly #send: (request: Message) => void;
  readonly #subscriptions = new Map<string | number, Renewed>();
  readonly #timers = new Set<NodeJS.Timeout>();

  /** @param send requests a subscription again, if the client still wants it */
  constructor(send: (request: Message) => void) {
    this.#send = send;
  }

  /** Requests it again after a while. @returns whether it does: not after an error that stays */
  renew(request: Message, { name }: GatewayError): boolean {
    const known = this.#subscriptions.get(idKey(request.id as string));
    if (!known?.isAcknowledged || (name !== "upstream-broke" && name !== "upstream-unreachable")) return false;
    const pause = Math.min(PAUSE.first * 2 ** known.tries++, PAUSE.last);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#send(request);
    }, pause);
    this.#timers.add(timer);
    return true;
  }

  /** Whether a message acknowledges a subscription once more. @param isOpen whether the client waits for an id, as written */
  isRepeated({ method, text, params }: Message, isOpen: (id: string) => boolean): boolean {
    const id = written(text, params, "_meta", META.subscription);
    if (method !== "notifications/subscriptions/acknowledged" || id === undefined || !isOpen(id)) return false;
    const key = idKey(id);
    const isRepeated = (this.#subscriptions.get(key)?.tries ?? 0) > 0;
    this.#subscriptions.set(key, { tries: 0, isAcknowledged: true });
    return isRepeated;
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
