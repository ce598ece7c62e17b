/** Headers by which the gateway decides may come once: a proxy in front may have decided by the other one. */
import { GatewayError } from "../errors.ts";

/** Those of MCP 2026-07-28 that repeat the body have an error of their own (request-metadata.ts). */
const SINGLE: ReadonlySet<string> = new Set([
  "host",
  "authorization",
  "origin",
  "content-type",
  "content-encoding",
  "mcp-session-id",
  "last-event-id",
]);

/** How long their names are: a quick look that spares most headers the other one. */
const LENGTHS: ReadonlySet<number> = new Set([...SINGLE].map((name) => name.length));

/**
 * @param raw names and values in turn, as they arrived
 * @throws GatewayError `header-twice`
 * @see RFC 9112, section 3.2: several Host headers are 400
 */
export function admitHeaders(raw: readonly string[]): void {
  let seen: string[] | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    const written = raw[index] as string;
    if (!LENGTHS.has(written.length)) continue;
    const name = written.toLowerCase();
    if (!SINGLE.has(name)) continue;
    if (seen?.includes(name)) throw new GatewayError("header-twice", { header: written });
    (seen ??= []).push(name);
  }
}
