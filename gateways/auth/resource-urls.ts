/** The URLs of a service as a protected resource, as the client that asks has written them (RFC 9728, section 3.3). */
import { isOwnHost } from "../limits/host-and-origin.ts";
import type { Called } from "./auth.ts";

/** Only the names of this machine. */
const LOOPBACK = { names: new Set<string>(), local: false };

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** What clients compare with the URL that they were given, character by character. */
export class ResourceUrls {
  readonly #public: URL;
  readonly #isLoopback: boolean;

  /** @param publicUrl as clients are given it, with `/mcp` at its end */
  constructor(publicUrl: string) {
    this.#public = new URL(publicUrl);
    this.#isLoopback = this.#public.protocol === "http:" && isOwnHost(this.#public.host, LOOPBACK);
  }

  /** What the audience of a token may be: the service at either of its transports for logins. */
  get audiences(): readonly string[] {
    return [this.#public.href, this.#resource(this.#public.origin, this.#prefix, "/sse")];
  }

  /** The URL of the service that a client has called. */
  resourceAt({ host, base, path }: Called): string {
    const end = path.startsWith("/sse") || path.startsWith("/messages") ? "/sse" : "/mcp";
    return this.#isHere(host)
      ? this.#resource(`http://${host}`, base, end)
      : this.#resource(this.#public.origin, this.#prefix, end);
  }

  /** Where the metadata of that is: never below a host that the gateway was not told of. */
  metadataAt(called: Called): string {
    const { origin, pathname } = new URL(this.resourceAt(called));
    return origin + WELL_KNOWN + pathname;
  }

  /** On this machine every port and every name of it that the client uses is right. */
  #isHere = (host: string | undefined) => this.#isLoopback && host !== undefined && isOwnHost(host, LOOPBACK);

  #resource = (origin: string, base: string, end: string) => `${origin}${base}${end}`;

  get #prefix(): string {
    return this.#public.pathname.slice(0, -"/mcp".length);
  }
}

/** An audience in the spelling in which audiences are compared: on this machine its names mean the same. */
export function comparable(audience: string): string {
  const url = URL.canParse(audience) ? new URL(audience) : undefined;
  if (url?.protocol !== "http:" || !isOwnHost(url.host, LOOPBACK)) return audience;
  url.hostname = "localhost";
  return url.href;
}
