/** The gateway as a legacy client, on behalf of the modern callers of one principal at one address. */
import { SELF, type InitializeResult } from "../../../bridge/handshake.ts";
import { legacyRequest, modernAnswer } from "../messages.ts";
import type { Caller } from "../../../bridge/connection.ts";
import { LISTEN, LOG_LEVELS, META, MODERN_VERSIONS } from "../../../bridge/versions.ts";
import { GatewayError } from "../../../errors.ts";
import * as rpc from "../../../jsonrpc.ts";
import type { Message } from "../../../jsonrpc.ts";
import type { Principal } from "../../../principal.ts";
import { newRecord, type Lane, type LaneClient, type LaneSource, type ModernCaller } from "../../servers/contract.ts";
import { Subscriptions, type Capabilities } from "./subscriptions.ts";
import { isWanted } from "../../servers/log-routing.ts";

const INITIALIZE = message(rpc.request(1, "initialize", SELF));
const INITIALIZED = message(rpc.notification("notifications/initialized"));

/** One legacy client, which translates the calls of its modern callers. */
export class LegacyClient implements LaneClient {
  #principal: Principal;
  readonly record = newRecord(INITIALIZE);
  /** When its last call ended (performance.now()). */
  lastUsed = performance.now();
  readonly #lane: Lane;
  readonly #calls = new Map<ModernCaller, Caller>();
  readonly #subscriptions = new Subscriptions({
    subscribe: (uri) => this.#ask("resources/subscribe", { uri }),
    unsubscribe: (uri) => void this.#ask("resources/unsubscribe", { uri }),
  });
  #initializeResult: InitializeResult | undefined;
  /** Who the server says it is, as JSON. */
  #server: string | undefined;
  /** The least severe log level that the server was told to send, as an index. */
  #logLevel = LOG_LEVELS.length;
  #lastId = 1;

  /** @param ended called when the server is gone and will not come back for this client */
  constructor(principal: Principal, lanes: LaneSource, ended: (reason: GatewayError) => void) {
    this.#principal = principal;
    this.#lane = lanes.lane(this, ended);
  }

  get principal(): Principal {
    return this.#principal;
  }

  get openCalls(): number {
    return this.#calls.size;
  }

  get busy(): boolean {
    return this.#calls.size > 0 || this.#subscriptions.size > 0;
  }

  /** Initializes the session with the server. @throws GatewayError */
  async open(): Promise<void> {
    const text = await this.#lane.open();
    const result = rpc.find(text, 0, "result");
    if (!result) throw new GatewayError("initialize-refused", { reason: rpc.stringIn(text, 0, "error", "message") });
    this.#initializeResult = rpc.decode(text, result) as InitializeResult;
    const { serverInfo } = this.#initializeResult;
    this.#server = serverInfo && rpc.encode(serverInfo);
    this.record.initialized = true;
    this.#lane.tell(INITIALIZED);
  }

  call(request: Message, caller: ModernCaller): void {
    this.lastUsed = performance.now();
    this.#principal = caller.principal;
    if (request.method === "server/discover") return caller.answer(this.#discovery(request.id as string));
    if (request.method === LISTEN) return void this.#subscriptions.listen(request, caller, this.#capabilities);
    if (caller.logLevel !== undefined) this.#lowerLogLevel(caller.logLevel);
    const translated: Caller = {
      answer: (text, received) => {
        caller.answer(modernAnswer(text, request.method, this.#server), received);
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
    else this.#subscriptions.cancel(caller, reason);
  }

  fromServer(message: Message): void {
    if (message.kind === "request") this.#refuse(message);
    else if (message.method === "notifications/message") this.#log(message);
    else this.#subscriptions.tell(message);
  }

  /** Ends every subscription; callers see that and may subscribe again. */
  serverLeft(): void {
    this.#subscriptions.end();
    this.record.subscriptions.clear();
  }

  async close(reason: GatewayError): Promise<void> {
    this.#subscriptions.end();
    await this.#lane.close(reason); // a server of its own ends the calls that it has; a shared one goes on
    const mayHaveRun = new GatewayError("call-ended", { reason: "its connection to the server ended" });
    for (const translated of this.#calls.values()) this.#lane.cancel(translated, mayHaveRun);
  }

  /** The modern era has no requests to clients, so a server cannot request anything in the middle of a call. */
  #refuse({ method, id }: Message): void {
    const { code, message: text } = new GatewayError("client-request-unsupported", { method });
    this.#lane.tell(message(rpc.errorAnswer(id, code, text)));
  }

  /** The server does not say which call a log message is about, so it is passed on only while one call is open. */
  #log({ text, params }: Message): void {
    const [only, another] = this.#calls.keys();
    const level = rpc.stringIn(text, params, "level");
    if (only?.logLevel === undefined || another || level === undefined) return;
    if (isWanted(level, only.logLevel)) only.message(text);
  }

  /** The level is the server's, not the call's, so it is lowered to the lowest that any call has asked for. */
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
      _meta: { [META.server]: this.#initializeResult?.serverInfo, [META.translated]: true },
    });
  }

  /** Sends a request of its own. @returns whether the server answered it without an error */
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
