/** A session's way to a server that it shares: what would touch the others is answered here. Knows nothing of HTTP. */
import { LATEST_LEGACY, LEGACY_VERSIONS, type Introduction } from "../bridge/introduce.ts";
import type { Caller, Peer, Settled } from "../bridge/peer.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import { answer, decode, find, written, type Message } from "../jsonrpc.ts";
import type { Lane } from "./lane.ts";
import type { Session } from "./session.ts";
import type { SharedBackend } from "./shared-backend.ts";

/** Calls of one session that may wait for their turn at a serial server. */
const MAX_WAITING = 100;
/** Bytes of them. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** What would concern, or show, the other sessions. */
const REFUSED = /^logging\/setLevel$|^tasks\//;

const SUBSCRIBING = /^resources\/(un)?subscribe$/;

/** What reads nothing that a call could be changing, so need not wait its turn. */
const NEVER_SERIAL = /^ping$|\/list$/;

/** A session's part of a server that it shares. */
export class SharedLane implements Lane {
  /** The resources/subscribe requests of this session that hold, by uri. */
  readonly subscriptions: Map<string, Message>;
  /** The last request about a uri that the server has not answered yet. */
  readonly #changing = new Map<string, Message>();
  readonly #backend: SharedBackend;
  readonly #session: Session;
  /** Callers that wait for their turn at a serial server, or for its answer. */
  readonly #inTurn = new Set<Caller>();
  /** The one of them whose turn it is. */
  #running: Caller | undefined;
  /** Bytes of the calls that wait for their turn, or run in it. */
  #waitingBytes = 0;
  /** Callers that wait for the server to start. */
  readonly #waiting = new Set<Caller>();

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

  call(message: Message, caller: Caller, settled: Settled): void {
    if (REFUSED.test(message.method)) return refuse(message, caller, settled);
    const uri = SUBSCRIBING.test(message.method) ? uriOf(message) : undefined;
    if (uri !== undefined) return this.#changeSubscription(uri, message, caller, settled);
    if (this.#backend.queue && !NEVER_SERIAL.test(message.method)) this.#callInTurn(message, caller, settled);
    else this.#callNow(message, caller, settled);
  }

  /** A notification to the server would speak for all sessions, and the server has asked nothing: both are dropped. */
  tell(): void {}

  cancel(caller: Caller, reason: GatewayError): void {
    if (this.#inTurn.delete(caller) || this.#waiting.delete(caller)) caller.fail(reason);
    else this.#backend.server?.peer.cancel(caller, reason);
  }

  async close(reason: GatewayError): Promise<void> {
    const mayHaveRun = new GatewayError("call-ended", { reason: "its session ended" });
    for (const caller of [...this.#inTurn, ...this.#waiting]) {
      this.cancel(caller, caller === this.#running ? mayHaveRun : reason);
    }
    this.#backend.lanes.delete(this);
    for (const [uri, message] of this.subscriptions) if (!this.#neededBeside(uri)) this.#unsubscribe(message);
  }

  tellClient(message: Message): void {
    this.#session.fromServer(message);
  }

  #callNow(message: Message, caller: Caller, settled: Settled): void {
    const { server } = this.#backend;
    if (server) return server.peer.call(message, caller, settled);
    this.#waiting.add(caller);
    void this.#callWhenUp(message, caller, settled, () => this.#waiting.delete(caller));
  }

  /** @param wanted whether the caller still waits when the server is up: what was taken back never runs */
  async #callWhenUp(message: Message, caller: Caller, settled: Settled, wanted: () => boolean): Promise<void> {
    try {
      const { peer } = await this.#backend.up();
      if (wanted()) peer.call(message, caller, settled);
      else settled();
    } catch (error) {
      settled();
      if (wanted()) caller.fail(toGatewayError(error));
    }
  }

  /**
   * A cancelled call keeps its turn until the server has answered it: it may be writing, and nothing tells when it stops.
   * So its caller is answered at once, and only the answer is dropped. One that does not end in time ends the server.
   */
  #callInTurn(message: Message, caller: Caller, settled: Settled): void {
    const { service } = this.#backend.options;
    const size = message.text.length;
    if (this.#inTurn.size >= MAX_WAITING || this.#waitingBytes + size > MAX_WAITING_BYTES) {
      settled();
      return caller.fail(new GatewayError("too-many-calls", { service, limit: MAX_WAITING }));
    }
    const inTurn = this.#inTurn.add(caller);
    this.#waitingBytes += size;
    const unlessCancelled: Caller = {
      answer: (text) => void (inTurn.delete(caller) && caller.answer(text)),
      message: (text) => void (inTurn.has(caller) && caller.message(text)),
      fail: (error) => {
        if (error.name === "request-timeout") this.#backend.restart();
        if (inTurn.delete(caller)) caller.fail(error);
      },
    };
    this.#backend.queue!.add((done) => {
      const over = () => {
        this.#waitingBytes -= size;
        this.#running = undefined;
        settled();
        done();
      };
      this.#running = caller;
      void this.#callWhenUp(message, unlessCancelled, over, () => inTurn.has(caller));
    });
  }

  /**
   * The server is told of the first subscriber of a uri and when the last has left. A subscription counts when the server
   * has agreed, its end at once: so who subscribes meanwhile asks the server again.
   */
  #changeSubscription(uri: string, message: Message, caller: Caller, settled: Settled): void {
    const subscribes = message.method === "resources/subscribe";
    if (!subscribes) this.subscriptions.delete(uri);
    if (subscribes ? this.#sharedWith(uri) : this.#neededBeside(uri)) {
      this.#changing.delete(uri);
      if (subscribes) this.subscriptions.set(uri, message);
      settled();
      return caller.answer(answer(message.id as string, {}));
    }
    this.#changing.set(uri, message);
    this.#callNow(message, caller, (answered) => {
      const isLast = this.#changing.get(uri) === message;
      if (isLast) this.#changing.delete(uri);
      const agreed = answered !== undefined && find(answered, 0, "result") !== undefined;
      if (isLast && subscribes && agreed) this.subscriptions.set(uri, message);
      settled(answered);
    });
  }

  #sharedWith(uri: string): boolean {
    return [...this.#backend.lanes].some((lane) => lane !== this && lane.subscriptions.has(uri));
  }

  /** Whether another session has subscribed, or is about to. */
  #neededBeside(uri: string): boolean {
    const subscribing = (lane: SharedLane) => lane.#changing.get(uri)?.method === "resources/subscribe";
    return this.#sharedWith(uri) || [...this.#backend.lanes].some((lane) => lane !== this && subscribing(lane));
  }

  #unsubscribe(message: Message): void {
    const peer: Peer | undefined = this.#backend.server?.peer;
    const uri = find(message.text, message.params, "uri");
    if (uri) peer?.ask("resources/unsubscribe", { uri: decode(message.text, uri) }).catch(() => {});
  }
}

/** The server's introduction as this client may have it: in its version, without what cannot be had of a shared server. */
function introductionFor(initialize: Message, introduction: Introduction): Introduction {
  const { logging: _, tasks: __, ...capabilities } = introduction.capabilities;
  const asked = find(initialize.text, initialize.params, "protocolVersion");
  const version = asked && decode(initialize.text, asked);
  const known = typeof version === "string" && LEGACY_VERSIONS.includes(version);
  return { ...introduction, capabilities, protocolVersion: known ? version : LATEST_LEGACY };
}

function refuse(message: Message, caller: Caller, settled: Settled): void {
  settled();
  caller.fail(new GatewayError("shared-child", { method: message.method }));
}

/** The uri that a message is about, as it stands in its text. */
export const uriOf = ({ text, params }: Message): string | undefined => written(text, params, "uri");
