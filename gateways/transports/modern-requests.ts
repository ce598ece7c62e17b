/** Requests of the modern era, whatever they come on: each is complete by itself, there are no sessions (MCP 2026-07-28). */
import { MODERN_VERSIONS } from "../bridge/versions.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import { decode, encode, find, replace, type Message } from "../jsonrpc.ts";
import { named, type Principal } from "../principal.ts";
import type { ModernCaller, ModernEndpoint } from "../sessions/servers/contract.ts";
import { tellStart } from "../sessions/servers/start-progress.ts";
import type { Service } from "../sessions/service.ts";
import type { ClientAudit } from "./client-audit.ts";
import type { AdmittedExchange } from "./exchange.ts";
import { calledTool, checkMetadata, checkParameters, type Headers, type Metadata } from "./request-metadata.ts";

/** Legacy methods that the modern era has removed (MCP 2026-07-28, Key Changes). */
const REMOVED: ReadonlySet<string> = new Set([
  "initialize",
  "ping",
  "logging/setLevel",
  "resources/subscribe",
  "resources/unsubscribe",
]);

/** A request that has been admitted, ready to be passed on. */
export interface ModernRequest {
  readonly message: Message;
  readonly metadata: Metadata;
  /** Makes the answer that the client gets of the server's; undefined = the same. */
  readonly rewrite: ((answer: string) => string) | undefined;
}

/** What waits for the answer of a modern request. */
export interface ModernReplier extends ModernCaller {
  /** Whether it has been answered. */
  readonly over: boolean;
}

/** A request that is on its way. */
export interface Passing {
  /** Resolves when a server has it, or it has failed: until then it waits here. */
  readonly passed: Promise<void>;
  /** Cancels it. Has no effect on one that has been answered. @param reason what its caller is told @default cancelled by it */
  readonly cancel: (reason?: GatewayError) => void;
}

/** Passes the modern requests of one service's clients on. */
export class ModernRequests {
  readonly #service: Service;
  readonly #clients: ClientAudit;

  constructor(service: Service, clients: ClientAudit) {
    this.#service = service;
    this.#clients = clients;
  }

  /**
   * Looks at a message before it is passed on.
   * @param exchange what it came on
   * @param headers those that have to agree with it; undefined where a message has none
   * @returns undefined for a notification: the revision has none that would mean anything to a server
   * @throws GatewayError for a message that is not passed on
   */
  admit(message: Message, exchange: AdmittedExchange, headers: Headers | undefined): ModernRequest | undefined {
    if (message.kind === "response")
      throw new GatewayError("invalid-request", { detail: "a client answers no requests" });
    if (message.kind === "notification") return undefined;
    if (REMOVED.has(message.method)) throw new GatewayError("method-not-found", { method: message.method });
    const metadata = checkMetadata(message, headers);
    const { principal, address, req } = exchange;
    const { client, version: protocol } = metadata;
    const userAgent = exchange.header("user-agent");
    this.#clients.see({ ...named(principal), address, client, protocol, userAgent }, req.socket);
    return { message, metadata, rewrite: this.#rewriterOf(message) };
  }

  /**
   * Passes a request to whatever answers for the service, which may have to be found out first.
   * @param headers as `admit`
   */
  pass(message: Message, reply: ModernReplier, headers: Headers | undefined): Passing {
    let server: ModernEndpoint | undefined;
    let cancelled: GatewayError | undefined;
    const pass = async () => {
      const found = this.#service.modern();
      server = found instanceof Promise ? await this.#untilStarted(found, message, reply) : found;
      if (cancelled) return reply.fail(cancelled);
      if (headers) this.#checkParameters(message, headers, reply.principal);
      server.call(message, reply);
    };
    const cancel = (reason = new GatewayError("cancelled")) => {
      cancelled = reason;
      if (!reply.over) server?.cancel(reply, reason);
    };
    return { passed: pass().catch((error: unknown) => reply.fail(toGatewayError(error))), cancel };
  }

  async #untilStarted(found: Promise<ModernEndpoint>, message: Message, reply: ModernReplier): Promise<ModernEndpoint> {
    const told = tellStart(this.#service.name, message, {
      message: (text) => void (reply.over || reply.message(text)),
    });
    return found.finally(told);
  }

  /** Some tools have parameters that are repeated in headers. */
  #checkParameters(message: Message, headers: Headers, principal: Principal): void {
    const { modernTools } = this.#service;
    const tool = modernTools?.marked ? calledTool(message) : undefined;
    // The headers of a tool that is not offered would tell that there is one.
    if (tool !== undefined && this.#service.offers(tool, principal))
      checkParameters(message, headers, modernTools!.headersOf(tool));
  }

  /** Rewrites an answer before its client gets it; most need none. */
  #rewriterOf({ method }: Message): ((answer: string) => string) | undefined {
    if (method === "tools/list") return (answer) => this.#learnTools(answer);
    return method === "server/discover" ? commonVersions : undefined;
  }

  /** Clients call tools as they were listed last, so the headers of calls are checked against that list. */
  #learnTools(answer: string): string {
    this.#service.modernTools?.learnFrom(answer);
    return answer;
  }
}

/** Keeps of the server's revisions those that the gateway can pass on. */
function commonVersions(answer: string): string {
  const versions = find(answer, 0, "result", "supportedVersions");
  const theirs = versions && decode(answer, versions);
  if (!Array.isArray(theirs)) return answer;
  return replace(answer, versions!, encode(MODERN_VERSIONS.filter((version) => theirs.includes(version))));
}
