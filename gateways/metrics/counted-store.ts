/** Counts what is asked of a store, and how long that took. */
import type { SessionStore } from "../sessions/replicas/store.ts";
import type { Operations } from "./operations.ts";

/** The same store, counted. */
export function counted(store: SessionStore, operations: Operations | undefined): SessionStore {
  if (operations === undefined) return store;
  return new Proxy(store, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as (...given: unknown[]) => Promise<unknown>;
      return (...given: unknown[]) => timed(String(name), operations, () => method.apply(target, given));
    },
  });
}

async function timed<T>(operation: string, operations: Operations, run: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const end = (error: string) => operations.stored(operation, error, (performance.now() - started) / 1_000);
  try {
    const result = await run();
    end("");
    return result;
  } catch (error) {
    end("failed");
    throw error;
  }
}
