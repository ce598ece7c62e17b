/** An upstream may come back as a server of another era. Sessions with the server as it was then end; their clients open new ones. */
import { GatewayError } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { Backend, Lane } from "../servers/contract.ts";
import type { ModernServer } from "../servers/modern.ts";
import type { KnownServer } from "./known-server.ts";
import { ToModernBackend } from "./to-modern/backend.ts";

/** Where the server is had in either era. */
export interface EraSources {
  /** The server in the legacy era, not yet started. */
  legacy(): Backend;
  /** The server in the modern era, up; undefined when it does not speak it. */
  modern(): Promise<ModernServer | undefined>;
}

/** What becomes of a server that may change its era. */
export class EraChange {
  readonly #server: KnownServer;
  readonly #sources: EraSources;
  readonly #changed: () => void;
  readonly #log: Logger;
  #changing: Promise<void> | undefined;
  /** What ends the lanes that lead to the server as it is now. */
  #ends = new Set<(reason: GatewayError) => void>();
  #stopped = false;

  /** @param changed called when the server has come back in the other era */
  constructor(server: KnownServer, sources: EraSources, changed: () => void, log: Logger) {
    this.#server = server;
    this.#sources = sources;
    this.#changed = changed;
    this.#log = log;
  }

  /** Ends a lane when the server turns out to be another. */
  watched(lane: Lane, ended: (reason: GatewayError) => void): Lane {
    this.#ends.add(ended);
    const close = lane.close.bind(lane);
    lane.close = (reason) => {
      this.#ends.delete(ended);
      return close(reason);
    };
    return lane;
  }

  /** A server that refuses the era that it spoke, or that it was taken for while it was down, may speak the other one. */
  reconsider(): void {
    if (this.#stopped) return;
    if (this.#server.backend.supervisor.status.refused) void this.change();
    else if (this.#server.modern?.supervisor.status.refused) void this.#server.forgetModern();
  }

  /** Looks for the server in the other era. Resolves when it has been found there or not. */
  change(): Promise<void> {
    return (this.#changing ??= this.#change().finally(() => (this.#changing = undefined)));
  }

  /** Resolves when no change is under way. */
  async settled(): Promise<void> {
    await this.#changing;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** What it was goes on, and is asked again and again, until the upstream has shown to be of the other era. */
  #change(): Promise<void> {
    return this.#server.isTranslated ? this.#toLegacy() : this.#toModern();
  }

  async #toLegacy(): Promise<void> {
    const legacy = this.#sources.legacy();
    await legacy.supervisor.start();
    if (this.#stopped || !legacy.supervisor.status.ready) return legacy.supervisor.stop();
    this.#replace(legacy);
    return this.#server.forgetModern();
  }

  async #toModern(): Promise<void> {
    const old = this.#server.backend.supervisor;
    const modern = this.#server.modern ?? (await this.#sources.modern());
    if (this.#stopped || !modern) return;
    this.#server.modern = modern;
    this.#replace(new ToModernBackend(modern));
    await old.stop();
  }

  #replace(backend: Backend): void {
    const sessions = this.#ends.size;
    if (sessions > 0) this.#log.warn({ sessions }, "the server has come back in another era: its sessions end");
    this.#server.backend = backend;
    this.#server.answering = this.#server.isTranslated ? this.#server.modern : undefined;
    const reason = new GatewayError("session-not-found");
    const ends = this.#ends;
    this.#ends = new Set();
    for (const end of ends) end(reason);
    this.#changed();
  }
}
