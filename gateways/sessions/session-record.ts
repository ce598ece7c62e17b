/** Sessions as they are kept for other gateways, and restored from what was kept. */
import { readMessage, stringIn, type Message } from "../jsonrpc.ts";
import type { Principal } from "../principal.ts";
import type { NewSession, SessionStore, StoredSession } from "./replicas/store.ts";
import { newRecord } from "./servers/contract.ts";
import type { Session, SessionParts } from "./session.ts";

/** What is kept of a session that has just been opened. */
export function opened({ id, principal, address, version, record }: Session, owner: string): NewSession {
  return { id, owner, principal: principal.id, address, version, initialize: record.initialize.text };
}

/** Keeps what a request has changed in a session's record. */
export async function keepChange(store: SessionStore, { id, record }: Session, change: Message): Promise<void> {
  const { method, text, params } = change;
  if (method === "logging/setLevel") {
    if (record.logLevel) await store.setLogLevel(id, record.logLevel.text);
    return;
  }
  const uri = stringIn(text, params, "uri");
  if (uri === undefined) return;
  const subscription = record.subscriptions.get(uri);
  if (subscription) await store.subscribe(id, uri, subscription.text);
  else await store.unsubscribe(id, uri);
}

/** The parts of a session that was kept. @param principal who has it restored, and whose it is */
export function restored(kept: StoredSession, principal: Principal): Omit<SessionParts, "memory" | "maxOpenCalls"> {
  // Its client may have seen numbers of another gateway's streams, events and requests: continue above all of them.
  const record = newRecord(messageOf(kept.initialize), Date.now());
  record.initialized = true; // or it would not have sent the request that it is revived for
  record.logLevel = kept.logLevel === undefined ? undefined : messageOf(kept.logLevel);
  for (const { uri, request } of kept.subscriptions) record.subscriptions.set(uri, messageOf(request));
  const { id, address, version } = kept;
  // One of /sse ends with its stream, so none is restored.
  return { id, principal, address, transport: "http", record, version };
}

const messageOf = (text: string) => readMessage(text) as Message;
