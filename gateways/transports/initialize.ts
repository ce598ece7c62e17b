/** The message that opens a session. */
import { LATEST_LEGACY } from "../bridge/versions.ts";
import { GatewayError } from "../errors.ts";
import { encode, find, readMessage, type Message } from "../jsonrpc.ts";
import type { Service } from "../sessions/service.ts";
import type { Opened, Opener } from "../sessions/sessions.ts";
import type { AdmittedExchange } from "./exchange.ts";

/**
 * Opens a session with a client's `initialize`.
 * @param own.id the session's id @default - a new one
 * @returns undefined when the client has left meanwhile: nobody knows the session
 * @throws GatewayError as `Sessions.open`
 */
export async function openSession(
  service: Service,
  message: Message,
  exchange: AdmittedExchange,
  own: Pick<Opener, "transport" | "id">,
): Promise<Opened | undefined> {
  if (message.kind !== "request") throw new GatewayError("invalid-request", { detail: "initialize needs an id" });
  await service.awake();
  const { principal, address } = exchange;
  const userAgent = exchange.header("user-agent");
  const opened = await service.sessions.open(withDefaults(message), { ...own, principal, address, userAgent });
  if (!opened.session || !exchange.gone) return opened;
  await service.sessions.close(opened.session);
  return undefined;
}

/** Completes a hand-written `initialize`: `{"method":"initialize","params":{}}` is enough. */
function withDefaults(message: Message): Message {
  const { text, params, id } = message;
  if (params >= 0 && text[params] !== "{") {
    throw new GatewayError("invalid-request", { detail: '"params" of initialize must be an object' });
  }
  const missing = Object.entries(DEFAULTS).filter(([key]) => params < 0 || !find(text, params, key));
  if (missing.length === 0) return message;
  const given = params < 0 ? "" : text.slice(params + 1, find(text, 0, "params")!.end - 1).trim();
  const members = [...missing.map(([key, value]) => `"${key}":${encode(value)}`), ...(given === "" ? [] : [given])];
  return readMessage(`{"jsonrpc":"2.0","id":${id},"method":"initialize","params":{${members.join(",")}}}`) as Message;
}

const DEFAULTS = {
  protocolVersion: LATEST_LEGACY,
  capabilities: {},
  clientInfo: { name: "unnamed", version: "0" },
};
