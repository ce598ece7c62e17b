/**
 * Answers of the page in fewer bytes, for clients that read gzip. No secret of a visitor can be guessed from the length of such an
 * answer (as BREACH does): no other site gets a browser to ask with its cookie, which is SameSite=Strict.
 */
import type { Exchange } from "../transports/exchange.ts";
import { acceptsGzip } from "../transports/media-types.ts";

/** The body of an answer, and the headers that say how it is written. */
export interface Written {
  readonly body: Buffer;
  readonly headers: Record<string, string>;
}

/** An answer shorter than one packet gains nothing. */
const SHORT = 1_400;

/** The body as the client takes it. Whether that is compressed depends on its request, which caches have to know. */
export async function compressed({ req }: Exchange, body: Buffer): Promise<Written> {
  const vary = { vary: "Accept, Accept-Encoding, Origin" };
  if (body.length < SHORT || !acceptsGzip(req.headers["accept-encoding"])) return { body, headers: vary };
  const { gzip } = await import("node:zlib"); // nothing but the page needs it
  const shorter = await new Promise<Buffer>((resolve, reject) =>
    gzip(body, (error, result) => (error ? reject(error) : resolve(result))),
  );
  return { body: shorter, headers: { ...vary, "content-encoding": "gzip" } };
}
