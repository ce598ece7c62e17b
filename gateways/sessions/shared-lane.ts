/** A session's way to a server that it shares: what would touch the others is answered here. Knows nothing of HTTP. */
import { LATEST_LEGACY, LEGACY_VERSIONS, type Introduction } from "../bridge/introduce.ts";
import type { Caller, Peer } from "../bridge/peer.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import { answer, decode, find, type Message } from "../jsonrpc.ts";
import type { Lane } from "./lane.ts";
import type { Session } from "./session.ts";
import type { SharedBackend } from "./shared-backend.ts";

/** Calls that may wait for their turn at a serial server. */
const MAX_WAITING = 1_000;

const SUBSCRIBING = /^resources\/(un)?subscribe$/;

/** What reads nothing that a call could be changing, so need not wait its turn. */
const NEVER_SERIAL = /^ping$|\/list$/;

export class SharedLane implements Lane {
  /** The resources/subscribe requests of this session that hold, by uri. */
  readonly subscriptions: Map<string, Message>;
  readonly #backend: SharedBackend;
  readonly #session: Session;
  /** Callers that wait for their turn at a serial server, or for its answer. */
  readonly #inTurn = new Set<Caller>();

  constructor(backend: SharedBackend, session: Session) {
    this.#backend = backend;
    this.#session = session;
    this.subscriptions = session.record.subscriptions;
    backend.lanes.add(this);
  }

  async open(): Promise<string> {
    const { introduction } = await this.#backend.up();
    const { initialize } = this.#session.record;
    return answer(initialize.id as string, introductionFor(initialize, introduction));
  }

  call(message: Message, caller: Caller, settled: () => void): void {
    if (message.method === "logging/setLevel") return refuse(message, caller, settled);
    const uri = SUBSCRIBING.test(message.method) ? uriOf(message) : undefined;
    if (uri !== undefined) return this.#changeSubscription(uri, message, caller, settled);
    if (this.#backend.queue && !NEVER_SERIAL.test(message.method)) this.#callInTurn(message, caller, settled);
    else this.#callNow(message, caller, settled);
  }

  /** A notification to the server would speak for all sessions, and the server has asked nothing: both are dropped. */
  tell(): void {}

  cancel(caller: Caller, reason: GatewayError): void {
    if (this.#inTurn.delete(caller)) caller.fail(reason);
    else this.#backend.server?.peer.cancel(caller, reason);
  }

  async close(): Promise<void> {
    this.#backend.lanes.delete(this);
    for (const [uri, message] of this.subscriptions) if (!this.#sharedWith(uri)) this.#unsubscribe(message);
  }

  tellClient(message: Message): void {
    this.#session.fromServer(message);
  }

  #callNow(message: Message, caller: Caller, settled: () => void): void {
    const { server } = this.#backend;
    if (server) return server.peer.call(message, caller, settled);
    this.#backend.up().then(
      ({ peer }) => peer.call(message, caller, settled),
      (error: unknown) => {
        settled();
        caller.fail(toGatewayError(error));
      },
    );
  }

  /**
   * A cancelled call keeps its turn until the server has answered it: it may be writing, and nothing tells when it stops.
   * So its caller is answered at once, and only the answer is dropped.
   */
  #callInTurn(message: Message, caller: Caller, settled: () => void): void {
    const queue = this.#backend.queue!;
    const { service } = this.#backend.options;
    if (queue.waiting >= MAX_WAITING) {
      settled();
      return caller.fail(new GatewayError("too-many-calls", { service, limit: MAX_WAITING }));
    }
    const inTurn = this.#inTurn.add(caller);
    const unlessCancelled: Caller = {
      answer: (text) => void (inTurn.delete(caller) && caller.answer(text)),
      message: (text) => void (inTurn.has(caller) && caller.message(text)),
      fail: (error) => void (inTurn.delete(caller) && caller.fail(error)),
    };
    queue.add((done) => {
      const over = () => {
        settled();
        done();
      };
      if (inTurn.has(caller)) this.#callNow(message, unlessCancelled, over);
      else over(); // cancelled before its turn: it never runs
    });
  }

  /** The server is told of the first subscriber of a uri and when the last has left. */
  #changeSubscription(uri: string, message: Message, caller: Caller, settled: () => void): void {
    const apply = () => {
      if (message.method === "resources/subscribe") this.subscriptions.set(uri, message);
      else this.subscriptions.delete(uri);
    };
    if (this.#sharedWith(uri)) {
      apply();
      settled();
      return caller.answer(answer(message.id as string, {}));
    }
    const applying: Caller = {
      message: (text) => caller.message(text),
      fail: (error) => caller.fail(error),
      answer: (text) => {
        if (find(text, 0, "result")) apply(); // the server may refuse
        caller.answer(text);
      },
    };
    this.#callNow(message, applying, settled);
  }

  #sharedWith(uri: string): boolean {
    return [...this.#backend.lanes].some((lane) => lane !== this && lane.subscriptions.has(uri));
  }

  #unsubscribe(message: Message): void {
    const peer: Peer | undefined = this.#backend.server?.peer;
    const uri = find(message.text, message.params, "uri");
    if (uri) peer?.ask("resources/unsubscribe", { uri: decode(message.text, uri) }).catch(() => {});
  }
}

/** The server's introduction as this client may have it: in its version, without what cannot be had of a shared server. */
function introductionFor(initialize: Message, introduction: Introduction): Introduction {
  const { logging: _, ...capabilities } = introduction.capabilities;
  const asked = find(initialize.text, initialize.params, "protocolVersion");
  const version = asked && decode(initialize.text, asked);
  const known = typeof version === "string" && LEGACY_VERSIONS.includes(version);
  return { ...introduction, capabilities, protocolVersion: known ? version : LATEST_LEGACY };
}

function refuse(message: Message, caller: Caller, settled: () => void): void {
  settled();
  caller.fail(new GatewayError("shared-child", { method: message.method }));
}

/** The uri that a message is about, as it stands in its text. */
export function uriOf({ text, params }: Message): string | undefined {
  const uri = find(text, params, "uri");
  return uri && text.slice(uri.start, uri.end);
}
