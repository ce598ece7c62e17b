/** Which subscriptions a change of a resource concerns. */
import { stringIn, type Message } from "../../jsonrpc.ts";

/** The uri that a message is about. */
export const uriOf = ({ text, params }: Message): string | undefined => stringIn(text, params, "uri");

/** A change may be of a resource below the subscribed one (MCP 2025-11-25, schema, "ResourceUpdatedNotification"). */
export const covers = (subscribed: string, uri: string): boolean =>
  uri === subscribed || uri.startsWith(subscribed.endsWith("/") ? subscribed : `${subscribed}/`);
