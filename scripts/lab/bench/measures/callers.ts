/** Callers that call as fast as they are answered. Each has a connection, and shares a session with some others. */
import { Connection } from "../client.ts";
import type { Callee } from "../session.ts";
import type { Errors } from "./measure.ts";

export interface Crowd {
  readonly callers: number;
  readonly sessions: number;
  open(connection: Connection): Promise<Callee>;
}

/** One call, checked. */
export type Call = (callee: Callee, connection: Connection, id: number) => Promise<void>;

export interface Timed {
  /** Of the calls that were answered, in ms. */
  readonly latencies: readonly number[];
  readonly elapsedMs: number;
  readonly perSecond: number;
}

interface Caller {
  readonly callee: Callee;
  readonly connection: Connection;
  nextId: number;
}

/** @param tool what it is called */
export const echoAs =
  (tool: string): Call =>
  (callee, connection, id) =>
    callee.call(connection, id, tool, `{"text":"text of ${id}"}`, `text of ${id}`);

export const echo = echoAs("echo");

export class Callers {
  readonly #callers: readonly Caller[];
  readonly #errors: Errors;

  private constructor(callers: readonly Caller[], errors: Errors) {
    this.#callers = callers;
    this.#errors = errors;
  }

  static async open(port: number, crowd: Crowd, errors: Errors): Promise<Callers> {
    const connections = Array.from({ length: crowd.callers }, () => new Connection(port));
    try {
      const callees: Callee[] = [];
      for (const connection of connections.slice(0, crowd.sessions)) callees.push(await crowd.open(connection));
      const callers = connections.map((connection, index) => ({
        connection,
        callee: callees[index % callees.length]!,
        // Ids of its own, because two callers share a session.
        nextId: (index + 1) * 100_000_000,
      }));
      return new Callers(callers, errors);
    } catch (error) {
      for (const connection of connections) connection.close();
      throw error;
    }
  }

  /** All call for so many seconds. */
  during(seconds: number, call: Call): Promise<Timed> {
    const until = performance.now() + seconds * 1000;
    return this.#callWhile((now) => now < until, call);
  }

  /** All call until so many calls have been made. */
  times(calls: number, call: Call): Promise<Timed> {
    let left = calls;
    return this.#callWhile(() => left-- > 0, call);
  }

  async close(): Promise<void> {
    const owners = new Map(this.#callers.map(({ callee, connection }) => [callee, connection]));
    for (const [callee, connection] of owners)
      await callee.close(connection).catch((error: unknown) => this.#errors.add(error));
    for (const { connection } of this.#callers) connection.close();
  }

  async #callWhile(more: (now: number) => boolean, call: Call): Promise<Timed> {
    const latencies: number[] = [];
    const started = performance.now();
    await Promise.all(this.#callers.map((caller) => this.#callOn(caller, more, call, latencies)));
    const elapsedMs = performance.now() - started;
    return { latencies, elapsedMs, perSecond: (latencies.length / elapsedMs) * 1000 };
  }

  async #callOn(caller: Caller, more: (now: number) => boolean, call: Call, latencies: number[]): Promise<void> {
    for (let now = performance.now(); !this.#errors.tooMany && more(now);) {
      const started = now;
      const failed = await call(caller.callee, caller.connection, caller.nextId++).catch((error: unknown) => {
        this.#errors.add(error);
        return true;
      });
      now = performance.now();
      if (failed !== true) latencies.push(now - started);
    }
  }
}
