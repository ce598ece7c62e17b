/** A service's server as far as its era is known: where sessions find it, and what answers modern requests. */
import type { Tools } from "../../bridge/tools.ts";
import type { Backend, ModernEndpoint, ServerLife } from "../servers/contract.ts";
import type { ModernServer } from "../servers/modern.ts";
import { ToModernBackend } from "./to-modern/backend.ts";

/** Who wants to know what becomes of a server. */
export interface ServerWatcher {
  /** It has listed its tools. */
  listed(tools: Tools): void;
  /** Its status has changed. */
  changed(): void;
}

/** A service's server. In the legacy era, the same server may run beside it in the modern one. */
export class KnownServer {
  /** The server, if it turned out to speak the modern era. */
  modern: ModernServer | undefined;
  /** What answers modern requests, once that is certain. */
  answering: ModernEndpoint | undefined;
  readonly #watcher: ServerWatcher;
  #backend: Backend;

  constructor(backend: Backend, watcher: ServerWatcher) {
    this.#watcher = watcher;
    this.#backend = this.#watched(backend);
  }

  /** Where sessions find it. */
  get backend(): Backend {
    return this.#backend;
  }

  set backend(backend: Backend) {
    this.#backend = this.#watched(backend);
  }

  /** Whether sessions reach it through a translation. */
  get isTranslated(): boolean {
    return this.#backend instanceof ToModernBackend;
  }

  get children(): number {
    return this.#backend.supervisor.children + (this.#beside?.children ?? 0) + (this.modern?.others ?? 0);
  }

  get restarts(): number {
    return (this.#backend.supervisor.restarts ?? 0) + (this.#beside?.restarts ?? 0);
  }

  get rests(): boolean {
    return this.#all.some(({ rests }) => rests) && this.children === 0;
  }

  async rest(): Promise<void> {
    await Promise.all(this.#all.map(async (one) => one.rest?.()));
  }

  /** Calls that wait for their turn at a server that takes one at a time. */
  get waiting(): number {
    return (this.#backend.queue?.waiting ?? 0) + (this.modern?.queue?.waiting ?? 0);
  }

  get #all(): ServerLife[] {
    return [this.#backend.supervisor, ...(this.#beside ? [this.#beside] : [])];
  }

  async measure(): Promise<void> {
    await Promise.all([this.#backend.supervisor.measure?.(), this.#beside?.measure()]);
  }

  /** The modern server first, so that it ends its subscriptions in good order before its process. */
  async stop(): Promise<void> {
    await Promise.all([this.modern?.stop(), this.#backend.supervisor.stop()]);
  }

  /** Modern requests are translated until the server is known to serve them again. */
  async forgetModern(): Promise<void> {
    const { modern } = this;
    this.modern = undefined;
    this.answering = undefined;
    await modern?.stop();
  }

  /** What runs beside the server that sessions reach. */
  get #beside(): ModernServer["supervisor"] | undefined {
    const modern = this.modern?.supervisor;
    return modern === this.#backend.supervisor ? undefined : modern;
  }

  #watched(backend: Backend): Backend {
    const { supervisor } = backend;
    const check = () => supervisor.status.tools && this.#watcher.listed(supervisor.status.tools);
    check();
    supervisor.onStatus = () => {
      check();
      this.#watcher.changed();
    };
    return backend;
  }
}
