/** The authorization server's stream of revocations: while it is open, what was found out about a token stays true. */
import { setTimeout as sleep } from "node:timers/promises";
import { createParser } from "eventsource-parser";
import type { Logger } from "../log.ts";
import { reasonOf } from "./ask-server.ts";
import { REVOCATIONS_PATH, type Revocation } from "./introspection.ts";
import type { AskedServer } from "./introspector.ts";

/** Milliseconds without a sign of life, of which the server sends one at least every 15 s, after which it is opened anew. */
const SILENCE = 40_000;

/** Milliseconds before it is opened again: the first time and at most. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/** Who hears of revocations. */
export interface RevocationListener {
  /** It has just opened: what was known may be wrong. */
  opened(): void;
  revoked(grant: string): void;
  /** It has broken off: from here on nothing stays true. */
  broken(): void;
}

/** What happens while a question is open. */
export interface Watch {
  /** Whether the stream has been open all the time. */
  isUnbroken: boolean;
  /** The grants that have ended meanwhile. */
  readonly ended: Set<string>;
}

/** The stream for one service. */
export class Revocations {
  readonly #asked: AskedServer;
  readonly #listener: RevocationListener;
  readonly #log: Logger;
  readonly #watches = new Set<Watch>();
  readonly #ending = new AbortController();
  #problem: string | undefined = "not asked yet";

  constructor(asked: AskedServer, listener: RevocationListener, log: Logger) {
    this.#asked = asked;
    this.#listener = listener;
    this.#log = log;
  }

  /** Why it is not open; undefined when it is. */
  get problem(): string | undefined {
    return this.#problem;
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#ending.abort();
  }

  /** Runs a question. @param ask is told what happens meanwhile */
  async during<T>(ask: (watch: Watch) => Promise<T>): Promise<T> {
    const watch: Watch = { isUnbroken: this.#problem === undefined, ended: new Set() };
    this.#watches.add(watch);
    try {
      return await ask(watch);
    } finally {
      this.#watches.delete(watch);
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    for (let pause = FIRST_PAUSE; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const reason = await this.#read();
      if (signal.aborted) return;
      if (this.#problem === undefined) pause = FIRST_PAUSE;
      this.#broke(reason);
      await sleep(pause * (1 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** Reads the stream to its end. @returns why it has ended */
  async #read(): Promise<string> {
    const cut = new AbortController();
    const signal = AbortSignal.any([this.#ending.signal, cut.signal]);
    const timer = setTimeout(() => cut.abort(), SILENCE);
    timer.unref();
    try {
      const response = await fetch(this.#asked.server + REVOCATIONS_PATH, {
        headers: this.#headers,
        redirect: "manual",
        signal,
      });
      if (response.status !== 200) return await discard(response, `HTTP ${response.status}`);
      if (!/^text\/event-stream\b/i.test(response.headers.get("content-type") ?? ""))
        return await discard(response, "it has no stream of revocations");
      this.#opened();
      await this.#follow(response, () => timer.refresh());
      return "the stream of revocations has ended";
    } catch (error) {
      return cut.signal.aborted ? `no sign of life in ${SILENCE / 1_000} s` : reasonOf(error);
    } finally {
      clearTimeout(timer);
    }
  }

  get #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#asked.secret}`, accept: "text/event-stream" };
  }

  async #follow(response: Response, alive: () => void): Promise<void> {
    const parser = createParser({ onEvent: ({ data }) => this.#hear(data) });
    const text = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      alive();
      parser.feed(text.decode(chunk as Uint8Array, { stream: true }));
    }
  }

  #hear(data: string): void {
    const grant = grantIn(data);
    if (grant === undefined) return;
    for (const { ended } of this.#watches) ended.add(grant);
    this.#listener.revoked(grant);
  }

  #opened(): void {
    this.#problem = undefined;
    this.#log.info("the authorization server tells of revocations");
    this.#listener.opened();
  }

  #broke(reason: string): void {
    if (this.#problem !== reason)
      this.#log.warn(
        { reason },
        "the authorization server cannot be reached: tokens are checked anew for each request",
      );
    this.#problem = reason;
    for (const watch of this.#watches) watch.isUnbroken = false;
    this.#listener.broken();
  }
}

async function discard(response: Response, reason: string): Promise<string> {
  await response.body?.cancel();
  return reason;
}

function grantIn(data: string): string | undefined {
  try {
    const { grant } = JSON.parse(data) as Partial<Revocation>;
    return typeof grant === "string" ? grant : undefined;
  } catch {
    return undefined;
  }
}
