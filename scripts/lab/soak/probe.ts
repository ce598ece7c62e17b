/**
 * Loaded into a gateway with `--import`: reports over IPC what it holds, and ends it when the soak ends, in whatever way.
 */
import { setImmediate as turn } from "node:timers/promises";
import { writeHeapSnapshot } from "node:v8";

/** What a gateway holds, as its own process sees it. */
export interface Holdings {
  readonly rss: number;
  /** After garbage collection. */
  readonly heap: number;
  /** Buffers outside the heap. */
  readonly external: number;
  /** What keeps the event loop busy, by kind: timers, sockets, pipes, processes. */
  readonly handles: Readonly<Record<string, number>>;
}

async function holdings(snapshot: string): Promise<Holdings> {
  writeHeapSnapshot(snapshot); // first: it costs memory of its own, the same before and after
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await turn(); // finalizers may free more
  }
  const { rss, heapUsed: heap, external } = process.memoryUsage();
  const handles: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
  return { rss, heap, external, handles };
}

process.on("message", ({ snapshot }: { snapshot: string }) => {
  void holdings(snapshot).then((told) => process.send?.(told));
});
process.on("disconnect", () => process.exit(1));
process.channel?.unref();
