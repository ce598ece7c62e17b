/**
 * The way to the pages. What they are made of is loaded when somebody opens one, or when a hub has started: other gateways hardly
 * ever show any.
 */
import type { Exchange } from "../transports/exchange.ts";
import { pathOf } from "../transports/exchange.ts";
import type { Served } from "../served.ts";
import type { PagePort } from "./addresses.ts";
import type { GatewayPage, PageFacts } from "./gateway-page.ts";

/** What the page's own paths begin with. No service has such a name. */
export const OWN_PATHS = "/_/";

/** The pages at one port. */
export interface PageAtPort {
  /** Whether a request is for one of the page's own paths. */
  has(exchange: Exchange): boolean;
  /** Answers such a request. @throws GatewayError */
  answer(exchange: Exchange): Promise<void>;
  /** Shows the page of all services. */
  showHub(exchange: Exchange): Promise<void>;
  /** Shows the page of one service. */
  showService(exchange: Exchange, served: Served): Promise<void>;
}

/** The pages of one gateway. */
export class PageDoor {
  readonly #facts: PageFacts;
  #page: Promise<GatewayPage> | undefined;

  constructor(facts: PageFacts) {
    this.#facts = facts;
  }

  at(port: PagePort): PageAtPort {
    return {
      has: ({ req }) => pathOf(req.url).startsWith(OWN_PATHS),
      answer: async (exchange) => (await this.#open()).answer(exchange, port),
      showHub: async (exchange) => (await this.#open()).showHub(exchange, port),
      showService: async (exchange, served) => (await this.#open()).showService(exchange, served, port),
    };
  }

  /** Loads what the pages are made of before somebody waits for one: that takes longer than everything else about them. */
  warm(): void {
    void this.#open();
  }

  /** Ends the streams of those who watch. */
  async stop(): Promise<void> {
    (await this.#page)?.stop();
  }

  #open(): Promise<GatewayPage> {
    return (this.#page ??= import("./gateway-page.ts").then(({ GatewayPage }) => new GatewayPage(this.#facts)));
  }
}
