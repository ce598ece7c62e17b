/**
 * Asks a server whether it speaks the modern era: a second process is probed with `server/discover`, because some legacy
 * servers exit when it reaches them (MCP 2026-07-28, stdio, "Backward Compatibility").
 */
import type { Logger } from "../../log.ts";
import type { ModernServer } from "../servers/modern.ts";

/** A server that may speak the modern era. */
export class ModernProbe {
  readonly #make: (() => ModernServer) | undefined;
  readonly #pause: number;
  readonly #log: Logger;
  #next = 0;
  #probing: ModernServer | undefined;
  #error: string | undefined;
  #stopped = false;

  /**
   * @param make the server in the modern era, not yet started; undefined = it is of the legacy era for certain
   * @param pause milliseconds until a server that does not speak it may be probed again
   */
  constructor(make: (() => ModernServer) | undefined, pause: number, log: Logger) {
    this.#make = make;
    this.#pause = pause;
    this.#log = log;
  }

  /** Why the server could not be had in the modern era. */
  get error(): string | undefined {
    return this.#error;
  }

  /** Whether the server has been probed so lately that it is not probed again. */
  get pauses(): boolean {
    return performance.now() < this.#next;
  }

  /**
   * @param timeout milliseconds that it may take @default - as long as a start may take
   * @returns the server in the modern era, up; undefined when it does not speak it
   */
  async run(timeout?: number): Promise<ModernServer | undefined> {
    if (this.pauses) return undefined;
    this.#next = performance.now() + this.#pause;
    const modern = this.#make?.();
    if (!modern) return undefined;
    this.#probing = modern;
    const timer = timeout === undefined ? undefined : setTimeout(() => void modern.stop(), timeout);
    const isModern = await modern.supervisor.up().then(
      () => true,
      () => false,
    );
    clearTimeout(timer);
    this.#probing = undefined;
    this.#error = modern.supervisor.status.error;
    this.#log.debug({ isModern, error: this.#error }, "asked the server for MCP 2026-07-28");
    if (isModern) this.#log.info("the server serves MCP 2026-07-28");
    if (isModern && !this.#stopped) return modern;
    await modern.stop();
    return undefined;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#probing?.stop();
  }
}
