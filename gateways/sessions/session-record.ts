/** A session as it is kept for other gateways, and made again of what was kept. Touches nothing. */
import { readMessage, stringIn, type Message } from "../jsonrpc.ts";
import { newRecord } from "./servers/contract.ts";
import { Session } from "./session.ts";
import type { NewSession, SessionStore, StoredSession } from "./replicas/store.ts";

/** What is kept of a session that has just been opened. */
export function opened({ id, principal, address, version, record }: Session, owner: string): NewSession {
  return { id, owner, principal: principal.id, address, version, initialize: record.initialize.text };
}

/** Keeps what a request has changed in a session's record. */
export function keepChange(store: SessionStore, { id, record }: Session, { method, text, params }: Message): void {
  if (method === "logging/setLevel") {
    if (record.logLevel) store.setLogLevel(id, record.logLevel.text);
    return;
  }
  const uri = stringIn(text, params, "uri");
  if (uri === undefined) return;
  const subscription = record.subscriptions.get(uri);
  if (subscription) store.subscribe(id, uri, subscription.text);
  else store.unsubscribe(id, uri);
}

/** The session of a record. It has no lane yet. */
export function restored(kept: StoredSession): Session {
  // Its client may have seen stream, event and question numbers of the gateway before: those from here on are beyond.
  const record = newRecord(messageOf(kept.initialize), Date.now());
  record.initialized = true; // or it would not have sent what it is revived for
  record.logLevel = kept.logLevel === undefined ? undefined : messageOf(kept.logLevel);
  for (const { uri, request } of kept.subscriptions) record.subscriptions.set(uri, messageOf(request));
  const session = new Session(kept.id, { id: kept.principal }, kept.address, record);
  session.version = kept.version;
  return session;
}

const messageOf = (text: string) => readMessage(text) as Message;
