/**
 * A modern server that acts with the secrets of its callers: each of them that is not the service's own has a server of its
 * own. Whoever comes with the service's own secret shares one, as everywhere.
 */
import { hash } from "node:crypto";
import type { OpenLink } from "../../bridge/link.ts";
import { GatewayError, toGatewayError } from "../../errors.ts";
import type { Message } from "../../jsonrpc.ts";
import type { Logger } from "../../log.ts";
import type { Principal } from "../../principal.ts";
import type { CredentialOf, ModernCaller } from "./contract.ts";
import { ModernServer } from "./modern.ts";
import type { SharedOptions } from "./shared.ts";

export interface ForEachOptions extends SharedOptions {
  readonly credentialOf: CredentialOf;
  /** The most servers, with the one that is shared. */
  readonly max: number;
  /** Milliseconds after which a server ends that nobody uses. */
  readonly idleTtl: number;
}

interface Own {
  readonly server: ModernServer;
  lastUsed: number;
}

/** The servers of one service. What is shown of the service is what the shared one shows. */
export class ModernForEach extends ModernServer {
  readonly #open: OpenLink;
  readonly #options: ForEachOptions;
  readonly #log: Logger;
  /** By the digest of the secret. */
  readonly #own = new Map<string, Own>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(open: OpenLink, options: ForEachOptions, log: Logger) {
    super(open, options, log);
    this.#open = open;
    this.#options = options;
    this.#log = log;
    this.#sweeper = setInterval(() => this.#endIdle(), Math.min(Math.max(options.idleTtl / 4, 50), 30_000));
    this.#sweeper.unref();
  }

  override get openCalls(): number {
    return [...this.#own.values()].reduce((sum, { server }) => sum + server.openCalls, super.openCalls);
  }

  override get others(): number {
    return [...this.#own.values()].reduce((sum, { server }) => sum + server.supervisor.children, 0);
  }

  override for(principal: Principal): ModernServer {
    const credential = this.#options.credentialOf(principal);
    if (credential === undefined) return this;
    const key = hash("sha256", credential, "base64url");
    const own = this.#own.get(key) ?? this.#begin(key, credential);
    own.lastUsed = performance.now();
    return own.server;
  }

  override call(request: Message, caller: ModernCaller): void {
    try {
      const server = this.for(caller.principal);
      if (server === this) super.call(request, caller);
      else server.call(request, caller);
    } catch (error) {
      caller.fail(toGatewayError(error));
    }
  }

  override cancel(caller: ModernCaller, reason: GatewayError): void {
    super.cancel(caller, reason);
    for (const { server } of this.#own.values()) server.cancel(caller, reason);
  }

  override async stop(): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.all([...this.#own.keys()].map((key) => this.#end(key)));
    await super.stop();
  }

  #begin(key: string, credential: string): Own {
    const { service, max: limit } = this.#options;
    if (this.#own.size + 1 >= limit && !this.#endLongestIdle())
      throw new GatewayError("too-many-children", { service, limit });
    const server = new ModernServer((events) => this.#open(events, credential), this.#options, this.#log);
    const own = { server, lastUsed: 0 };
    this.#own.set(key, own);
    return own;
  }

  /** @returns whether there was one that nobody uses */
  #endLongestIdle(): boolean {
    const idle = [...this.#own].filter(([, { server }]) => !server.busy);
    const [longest] = idle.toSorted(([, one], [, other]) => one.lastUsed - other.lastUsed);
    if (longest) void this.#end(longest[0]);
    return longest !== undefined;
  }

  #endIdle(): void {
    const oldest = performance.now() - this.#options.idleTtl;
    for (const [key, { server, lastUsed }] of this.#own) if (!server.busy && lastUsed < oldest) void this.#end(key);
  }

  async #end(key: string): Promise<void> {
    const own = this.#own.get(key);
    this.#own.delete(key);
    await own?.server.stop();
  }
}
