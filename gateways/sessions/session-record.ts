/** A session as it is kept for other gateways, and made again of what was kept. Touches nothing. */
import { readMessage, type Message } from "../jsonrpc.ts";
import { newRecord } from "./lane.ts";
import { Session } from "./session.ts";
import type { StoredSession } from "./store.ts";

/** What is kept of a session. */
export function stored({ id, principal, address, version, record }: Session, owner: string): StoredSession {
  return {
    id,
    owner,
    principal: principal.id,
    address,
    version,
    initialize: record.initialize.text,
    logLevel: record.logLevel?.text,
    subscriptions: [...record.subscriptions].map(([uri, message]) => [uri, message.text]),
  };
}

/** The session of a record. It has no lane yet. */
export function restored(kept: StoredSession): Session {
  // Its client may have seen stream, event and question numbers of the gateway before: those from here on are beyond.
  const record = newRecord(messageOf(kept.initialize), Date.now());
  record.initialized = true; // or it would not have sent what it is revived for
  record.logLevel = kept.logLevel === undefined ? undefined : messageOf(kept.logLevel);
  for (const [uri, text] of kept.subscriptions) record.subscriptions.set(uri, messageOf(text));
  const session = new Session(kept.id, { id: kept.principal }, kept.address, record);
  session.version = kept.version;
  return session;
}

const messageOf = (text: string) => readMessage(text) as Message;
