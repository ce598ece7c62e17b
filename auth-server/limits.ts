/**
 * How often something may be asked for. Never by address where hosted clients ask: all of their users come from the same ones.
 */
import type { Provider } from "oidc-provider";
import { Provider as Library, errors } from "oidc-provider";
import { networkOf } from "../gateways/limits/address.ts";
import { RateLimit } from "../gateways/limits/rate.ts";
import { Refusal } from "./http.ts";

/** Each a second, and at once. */
const RATES = {
  /**
   * New clients. Who tells the same as before is not counted. Each network has a share of its own, so a flood from elsewhere
   * keeps nobody out; who has used it up still gets what is left of all. A hosted client is one network, and one kind of client.
   */
  registrationShare: [1 / 60, 5],
  /** Beyond the shares: in all, and of one kind, with the same name and hosts. */
  registration: [1, 60],
  registrationOfOne: [0.2, 20],
  /** With the shares of all networks: so even a flood from everywhere leaves a client 20 minutes for its first login (store/clients.ts). */
  registrationAtMost: [4, 240],
  /** Requests of one client, and in all: many users share a hosted client. */
  client: [20, 300],
  all: [100, 1_000],
  /** Browsers at the begin of a login, from one address. */
  address: [2, 60],
  /** Metadata documents from one host, and in all. */
  host: [0.2, 10],
  documents: [2, 60],
} as const satisfies Record<string, readonly [number, number]>;

type Kind = keyof typeof RATES;

/** The limits of a server. */
export class Limits {
  readonly #limits = Object.fromEntries(
    Object.entries(RATES).map(([kind, [perSecond, burst]]) => [kind, new RateLimit(perSecond, burst)]),
  ) as Record<Kind, RateLimit>;

  /**
   * @param kind what a client says of itself
   * @param address where it comes from
   * @throws Refusal 429
   */
  admitRegistration(kind: string, address: string): void {
    if (this.#limits.registrationShare.take(networkOf(address)) > 0) {
      this.#admit("registrationOfOne", kind);
      this.#admit("registration", "all");
    }
    this.#admit("registrationAtMost", "all");
  }

  /** @throws Refusal 429 */
  admitLogin(address: string): void {
    this.#admit("address", address);
  }

  /** @throws Refusal 429 */
  admitRequest(): void {
    this.#admit("all", "all");
  }

  /** @throws OIDCProviderError 429 */
  admitDocument(host: string): void {
    const wait = this.#limits.host.take(host) || this.#limits.documents.take("all");
    if (wait > 0) throw tooMany(wait);
  }

  /** Counts each look for a client, which every request of one begins with. */
  watchClients(provider: Provider): void {
    const { Client } = provider as unknown as { Client: { find(id: string): Promise<object | undefined> } };
    const find = Client.find.bind(Client);
    Client.find = async (id) => {
      const client = await find(id);
      const wait = client && Library.ctx ? this.#limits.client.take(id) : 0;
      if (wait > 0) throw tooMany(wait);
      return client;
    };
  }

  #admit(kind: Kind, key: string): void {
    const limit = this.#limits[kind];
    const wait = limit.take(key);
    if (wait === 0) return;
    const headers = { "retry-after": seconds(wait) };
    throw new Refusal(
      429,
      CODE,
      `too many requests: try again in ${seconds(wait)} s`,
      headers,
      !limit.isFirstRefusal(key),
    );
  }
}

const CODE = "temporarily_unavailable";

const seconds = (wait: number): string => String(Math.max(1, Math.ceil(wait)));

/** The same as an error of oidc-provider. */
function tooMany(wait: number): errors.OIDCProviderError {
  const error = new errors.CustomOIDCProviderError(CODE, `too many requests: try again in ${seconds(wait)} s`);
  Library.ctx?.set("Retry-After", seconds(wait));
  return Object.assign(error, { status: 429, statusCode: 429 });
}
