/** Which subscriptions a change of a resource concerns. */
import { stringIn, type Message } from "../../jsonrpc.ts";

/** The uri that a message is about. */
export const uriOf = ({ text, params }: Message): string | undefined => stringIn(text, params, "uri");

/** A change may be of a resource below the subscribed one (MCP 2025-11-25, schema, "ResourceUpdatedNotification"). */
export const covers = (subscribed: string, uri: string): boolean =>
  uri === subscribed || uri.startsWith(subscribed.endsWith("/") ? subscribed : `${subscribed}/`);

/** How many steps up from a resource are looked at, so that a uri of nothing but slashes costs no more than another. */
const MAX_LEVELS = 64;

/** The uris above a resource that a subscription may have named, the closest first: `a/b/c` has `a/b/`, `a/b`, `a/` and `a`. */
export function ancestorsOf(uri: string): string[] {
  const above: string[] = [];
  let slash = uri.length;
  for (let level = 0; level < MAX_LEVELS; level++) {
    slash = uri.lastIndexOf("/", slash - 1);
    if (slash <= 0) break;
    if (slash + 1 < uri.length) above.push(uri.slice(0, slash + 1));
    above.push(uri.slice(0, slash));
  }
  return above;
}
