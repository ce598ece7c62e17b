/** Makes requests plain before anybody reads them. */
import type { IncomingMessage } from "node:http";
import { audienceOf, type Resources } from "./resources.ts";

/** What a proxy adds, and anybody may. */
const FORWARDED = ["x-forwarded-host", "x-forwarded-for", "x-forwarded-port", "forwarded"];

/**
 * Makes the request one to the issuer, whatever it says of itself: addresses in answers never come from a header.
 * @returns the path
 */
export function asIssued(req: IncomingMessage, issuer: string): string {
  const { host, protocol } = new URL(issuer);
  for (const name of FORWARDED) delete req.headers[name];
  req.headers.host = host;
  req.headers["x-forwarded-proto"] = protocol.slice(0, -1);
  return (req.url ?? "/").split("?")[0]!;
}

/** A service has one name from here on, in whichever spelling a client asks for it. */
export function nameResource(req: IncomingMessage, resources: Resources): void {
  const [path = "", query = ""] = (req.url ?? "").split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  const asked = parameters.getAll("resource");
  if (asked.length === 0) return;
  const named = asked.map((url) => ({ url, resource: resources.at(url) }));
  parameters.delete("resource");
  for (const name of new Set(named.map(({ url, resource }) => (resource ? audienceOf(resource) : url))))
    parameters.append("resource", name);
  req.url = `${path}?${parameters.toString()}`;
}
