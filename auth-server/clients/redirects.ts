/** Where users are sent back to. A native client listens on whatever port is free (RFC 8252, section 7.3). */

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Whether a URL leads to a program on the user's own machine. */
export const isLoopback = (written: string): boolean => {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  return url?.protocol === "http:" && LOOPBACK.has(url.hostname);
};

/**
 * The URL without the port, if it leads to a program on the user's machine; else as it is. Nothing but digits is taken for a
 * port, and nothing else of the URL is changed: what a parser would tidy up stays different from what was registered.
 */
export function withoutLoopbackPort(written: string): string {
  if (!isLoopback(written)) return written;
  return written.replace(/^(http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])):\d{1,5}(?=[/?]|$)/i, "$1");
}

/** Whether a client has registered a URL. Everything counts but the port of a loopback address. */
export function isRegistered(written: string, registered: readonly string[]): boolean {
  return registered.includes(written) || registered.map(withoutLoopbackPort).includes(withoutLoopbackPort(written));
}
