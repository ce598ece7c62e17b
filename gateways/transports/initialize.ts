/** The message that opens a session. */
import { LATEST_LEGACY } from "../bridge/versions.ts";
import { GatewayError } from "../errors.ts";
import { encode, find, readMessage, type Message } from "../jsonrpc.ts";

/** Completes a hand-written `initialize`: `{"method":"initialize","params":{}}` is enough. */
export function withDefaults(message: Message): Message {
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
