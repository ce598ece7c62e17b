/** The gateway as a legacy client, for the modern callers of one principal at one address. Knows nothing of HTTP. */
import { SELF, type InitializeResult } from "../../../bridge/handshake.ts";
import { legacyRequest, modernAnswer } from "../messages.ts";
import type { Caller } from "../../../bridge/connection.ts";
import { LISTEN, LOG_LEVELS, META, MODERN_VERSIONS } from "../../../bridge/versions.ts";
import { GatewayError } from "../../../errors.ts";
import * as rpc from "../../../jsonrpc.ts";
import type { Message } from "../../../jsonrpc.ts";
import { newRecord, type Backend, type Lane, type LaneClient } from "../../servers/contract.ts";
import { Listeners, type Capabilities } from "./subscriptions.ts";
import { isWanted, type ModernCaller } from "../../servers/modern-contract.ts";

const INITIALIZE = message(rpc.request(1, "initialize", SELF));
const INITIALIZED = message(rpc.notification("notifications/initialized"));

/** A legacy server that has been greeted for modern callers. */
export class LegacyClient implements LaneClient {
  readonly record = newRecord(INITIALIZE);
  /** When its last call ended (performance.now()). */
  lastUsed = performance.now();
  readonly #lane: Lane;
  readonly #calls = new Map<ModernCaller, Caller>();
  readonly #listeners = new Listeners({
    subscribe: (uri) => this.#ask("resources/subscribe", { uri }),
    unsubscribe: (uri) => void this.#ask("resources/unsubscribe", { uri }),
  });
  #initializeResult: InitializeResult | undefined;
  /** The least severe log level that the server was told to send, as an index. */
  #logLevel = LOG_LEVELS.length;
  #lastId = 1;

  readonly owner: string;

  /** @param ended the server is gone, and will not come back for this legacyClient */
  constructor(owner: string, backend: Backend, ended: (reason: GatewayError) => void) {
    this.owner = owner;
    this.#lane = backend.lane(this, ended);
  }

  get openCalls(): number {
    return this.#calls.size;
  }

  get busy(): boolean {
    return this.#calls.size > 0 || this.#listeners.size > 0;
  }

  /** Greets the server. @throws GatewayError */
  async open(): Promise<void> {
    const text = await this.#lane.open();
    const result = rpc.find(text, 0, "result");
    if (!result) throw new GatewayError("initialize-refused", { reason: rpc.stringIn(text, 0, "error", "message") });
    this.#initializeResult = rpc.decode(text, result) as InitializeResult;
    this.record.initialized = true;
    this.#lane.tell(INITIALIZED);
  }

  call(request: Message, caller: ModernCaller): void {
    this.lastUsed = performance.now();
    if (request.method === "server/discover") return caller.answer(this.#discovery(request.id as string));
    if (request.method === LISTEN) return void this.#listeners.listen(request, caller, this.#capabilities);
    if (caller.logLevel !== undefined) this.#lowerLogLevel(caller.logLevel);
    const server = this.#initializeResult?.serverInfo;
    const translated: Caller = {
      answer: (text, isResult) => {
        caller.answer(modernAnswer(text, request.method, server && rpc.encode(server)), isResult);
      },
      message: (text) => caller.message(text),
      fail: (error) => caller.fail(error),
    };
    this.#calls.set(caller, translated);
    this.#lane.call(legacyRequest(request), translated, () => {
      this.#calls.delete(caller);
      this.lastUsed = performance.now();
    });
  }

  cancel(caller: ModernCaller, reason: GatewayError): void {
    const translated = this.#calls.get(caller);
    if (translated) this.#lane.cancel(translated, reason);
    else this.#listeners.cancel(caller, reason);
  }

  fromServer(message: Message): void {
    if (message.kind === "request") this.#refuse(message);
    else if (message.method === "notifications/message") this.#log(message);
    else this.#listeners.tell(message);
  }

  /** Who listens hears no more of it; they see the end of their streams and may listen again. */
  serverLeft(): void {
    this.#listeners.end();
    this.record.subscriptions.clear();
  }

  async close(reason: GatewayError): Promise<void> {
    this.#listeners.end();
    await this.#lane.close(reason); // a server of its own ends the calls that it has; a shared one goes on
    const mayHaveRun = new GatewayError("call-ended", { reason: "its connection to the server ended" });
    for (const translated of this.#calls.values()) this.#lane.cancel(translated, mayHaveRun);
  }

  /** What would have to be asked in the middle of a call cannot be: the modern era has no requests to clients. */
  #refuse({ method, id }: Message): void {
    const { code, message: text } = new GatewayError("client-request-unsupported", { method });
    this.#lane.tell(message(rpc.errorAnswer(id, code, text)));
  }

  /** The server says not which call a log message is about, so it is somebody's only while one call alone is open. */
  #log({ text, params }: Message): void {
    const [only, another] = this.#calls.keys();
    const level = rpc.stringIn(text, params, "level");
    if (only?.logLevel === undefined || another || level === undefined) return;
    if (isWanted(level, only.logLevel)) only.message(text);
  }

  /** The level is the server's, not the call's, so it goes down to the lowest that was ever asked for. */
  #lowerLogLevel(level: string): void {
    const index = LOG_LEVELS.indexOf(level);
    if (index >= this.#logLevel || !this.#capabilities["logging"]) return;
    this.#logLevel = index;
    void this.#ask("logging/setLevel", { level });
  }

  get #capabilities(): Capabilities {
    return (this.#initializeResult?.capabilities ?? {}) as Capabilities;
  }

  #discovery(id: string): string {
    const { tasks: _, ...capabilities } = this.#capabilities;
    return rpc.answer(id, {
      resultType: "complete",
      supportedVersions: MODERN_VERSIONS,
      capabilities,
      instructions: this.#initializeResult?.instructions,
      ttlMs: 0,
      cacheScope: "private",
      _meta: { [META.server]: this.#initializeResult?.serverInfo },
    });
  }

  /** A request of the legacyClient's own. @returns whether the server answered it without an error */
  #ask(method: string, params: object): Promise<boolean> {
    return new Promise((resolve) => {
      const caller: Caller = {
        message: () => {},
        fail: () => resolve(false),
        answer: (text) => resolve(isResult(text)),
      };
      this.#lane.call(message(rpc.request(++this.#lastId, method, params)), caller, () => {});
    });
  }
}

function message(text: string): Message {
  return rpc.readMessage(text) as Message;
}

const isResult = (text: string) => rpc.find(text, 0, "result") !== undefined;
