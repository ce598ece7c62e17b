/** The metadata of an authorization server, as it is there (RFC 8414), or that of an OpenID provider. */
import type { GatewayError } from "../errors.ts";
import { toGatewayError } from "../errors.ts";
import { askServer, away } from "./ask-server.ts";
import type { ServerDocument } from "./auth.ts";

/** Milliseconds for which it is kept, and in which a server that is away is not asked again. */
const KEPT = 60_000;
const PAUSE = 1_000;

/** The metadata of one server, which is asked when somebody wants to know. */
export class ServerMetadata {
  readonly #issuer: string;
  readonly #urls: readonly string[];
  #document: { readonly asked: Promise<ServerDocument>; readonly since: number } | undefined;
  #failure: { readonly error: GatewayError; readonly since: number } | undefined;

  /** @param server where it is reached @default - at its issuer */
  constructor(issuer: string, server = issuer) {
    this.#issuer = issuer;
    this.#urls = placesOf(server);
  }

  /** @throws GatewayError `auth-server-away` */
  get(now = performance.now()): Promise<ServerDocument> {
    if (this.#document && now - this.#document.since < KEPT) return this.#document.asked;
    if (this.#failure && now - this.#failure.since < PAUSE) return Promise.reject(this.#failure.error);
    const asked = this.#ask();
    this.#document = { asked, since: now };
    asked.catch((error: unknown) => {
      this.#document = undefined;
      this.#failure = { error: toGatewayError(error), since: performance.now() };
    });
    return asked;
  }

  async #ask(): Promise<ServerDocument> {
    let problem: unknown;
    for (const url of this.#urls) {
      try {
        return this.#checked(await askServer(url));
      } catch (error) {
        problem = error;
      }
    }
    throw problem;
  }

  /** Another issuer's document would send people to its logins (RFC 8414, section 3.3). */
  #checked(document: ServerDocument): ServerDocument {
    if (document.content["issuer"] === this.#issuer) return document;
    throw away("its metadata names another issuer");
  }
}

/** RFC 8414, section 3.1, and OpenID Connect Discovery, section 4. */
function placesOf(server: string): string[] {
  const { origin, pathname } = new URL(server);
  const path = pathname.replace(/\/$/, "");
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}

/** An endpoint that it names, to which browsers and clients may be sent; undefined when it names none. */
export function endpointIn({ content }: ServerDocument, name: string): string | undefined {
  const url = content[name];
  return typeof url === "string" && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? url : undefined;
}
