/** Asks the authorization server about tokens (RFC 7662). */
import { away, askServer } from "./ask-server.ts";
import { INTROSPECTION_PATH, type ActiveToken, type Introspection } from "./introspection.ts";

/** Where the authorization server is, and as whom the gateway asks it. */
export interface AskedServer {
  /** Its URL without a slash at the end, as the gateway reaches it. */
  readonly server: string;
  readonly secret: string;
}

/** How many questions may be open at once: of more tokens nobody knows whether they are valid. */
const MOST_OPEN = 128;

/** Asks about tokens of one service. */
export class Introspector {
  readonly #asked: AskedServer;
  #open = 0;

  constructor(asked: AskedServer) {
    this.#asked = asked;
  }

  /** @throws GatewayError `auth-server-away` */
  async ask(token: string): Promise<Introspection> {
    if (this.#open >= MOST_OPEN) throw away("too many tokens are being checked", 1);
    this.#open++;
    try {
      return read((await askServer(this.#asked.server + INTROSPECTION_PATH, this.#question(token))).content);
    } finally {
      this.#open--;
    }
  }

  #question(token: string): RequestInit {
    const { secret } = this.#asked;
    return {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, accept: "application/json" },
      body: new URLSearchParams({ token }),
    };
  }
}

const TEXTS = ["sub", "username", "client_id", "scope", "aud", "grant"] as const;

/** @throws GatewayError `auth-server-away` when it is no introspection */
function read(content: Readonly<Record<string, unknown>>): Introspection {
  if (content["active"] === false) return { active: false };
  const { active, exp, teams } = content;
  const isWhole = TEXTS.every((name) => typeof content[name] === "string") && Number.isFinite(exp);
  if (active === true && isWhole && isTexts(teams)) return content as unknown as ActiveToken;
  throw away("its answer is not an introspection");
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((text) => typeof text === "string");
