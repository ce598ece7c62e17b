/**
 * Lists a new server's tools. A server that cannot list them, because it has no network or no login yet, is still up:
 * its clients read its own error, and reach its prompts and resources. So do the SDKs' clients.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../log.ts";
import type { Connection } from "./connection.ts";
import type { Tools } from "./tools.ts";

/** A start waits for the list for this many milliseconds. */
const LIST_TIME = 10_000;

/** Milliseconds until the list is tried again; doubled each time, up to the second. */
const PAUSE = { first: 1_000, longest: 300_000 };

/**
 * Resolves when the list has come, has failed once, or takes long. After that it is tried again for as long as the
 * connection lives.
 */
export async function listTools(tools: Tools, connection: Connection, log: Logger): Promise<void> {
  const first = tools.list(connection).then(
    () => undefined,
    (error: Error) => error.message,
  );
  const reason = await withinListTime(first);
  if (reason === undefined || connection.closed) return;
  log.warn({ child: connection.label, reason }, "server is up, but does not list its tools; it is asked again");
  void first.then(() => listAgain(tools, connection));
}

async function listAgain(tools: Tools, connection: Connection): Promise<void> {
  for (let pause = PAUSE.first; tools.count === undefined; pause = Math.min(pause * 2, PAUSE.longest)) {
    await sleep(pause, undefined, { ref: false });
    if (connection.closed) return;
    await tools.list(connection).catch(() => {}); // the log says that it failed
  }
}

/** @returns why there is no list, undefined when there is one */
async function withinListTime(listing: Promise<string | undefined>): Promise<string | undefined> {
  const stop = new AbortController();
  const late = sleep(LIST_TIME, `no answer to tools/list within ${LIST_TIME / 1_000} s`, { signal: stop.signal });
  try {
    return await Promise.race([listing, late]);
  } finally {
    late.catch(() => {});
    stop.abort();
  }
}
