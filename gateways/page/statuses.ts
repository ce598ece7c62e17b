/** What the page tells of the services of a port, and of the members of groups that run in gateways of their own. */
import type { Served } from "../served.ts";
import type { Exchange } from "../transports/exchange.ts";
import { VERSION } from "../version.ts";
import { addressesOf, type PagePort } from "./addresses.ts";
import { behind, type FarMembers } from "./far-members.ts";
import { detailsOf, outlineOf } from "./service-status.ts";
import type { GatewayStatus, ServiceStatus, Visitor } from "./status.ts";
import { listFor, type ToolLists } from "./tool-lists.ts";
import type { PageVisitor } from "./visitor.ts";

/** Who looks at what. */
export interface Visit {
  readonly exchange: Exchange;
  readonly visitor: PageVisitor;
  readonly port: PagePort;
}

/** Where it comes from. */
export interface StatusParts {
  readonly startedAt: Date;
  readonly lists: ToolLists;
  readonly members: FarMembers;
}

/** The services of a gateway as a visitor may see them. */
export class Statuses {
  readonly #parts: StatusParts;

  constructor(parts: StatusParts) {
    this.#parts = parts;
  }

  /** All services. @param patience milliseconds that it waits for the tools of each */
  async all(visit: Visit, patience: number): Promise<GatewayStatus> {
    const services = visit.port.services().map((served) => this.#withMembers(served, visit, patience));
    return {
      gateway: { version: VERSION, startedAt: this.#parts.startedAt.toISOString() },
      visitor: describe(visit.visitor),
      services: (await Promise.all(services)).flat(),
    };
  }

  /** One service. @param patience milliseconds that it waits for the tools */
  async of(served: Served, { exchange, visitor, port }: Visit, patience: number): Promise<ServiceStatus> {
    void served.service.isReady(); // for the next one who asks
    const knows = await visitor.knows(served);
    const principal = await visitor.principalAt(served);
    const mayCall = principal !== undefined && served.service.admits(principal);
    const outline = outlineOf(served, { ...addressesOf(served, exchange, port), knows, mayCall });
    if (!knows) return outline;
    const { lists } = this.#parts;
    lists.of(served); // asks for the tools
    await lists.settled(served, patience);
    const whole = lists.of(served);
    const list = whole && listFor(served, principal, whole);
    const tools = list && { tools: list.tools, ...(list.more > 0 && { moreTools: list.more }) };
    return { ...outline, details: { ...detailsOf(served), ...tools } };
  }

  async #withMembers(served: Served, visit: Visit, patience: number): Promise<readonly ServiceStatus[]> {
    const own = await this.of(served, visit, patience);
    const members = own.details === undefined ? [] : await this.#parts.members.settled(served);
    return [own, ...members.map((member) => behind(own, member))];
  }
}

/** What a page may know of who looks at it. */
export const describe = ({ isHere, login, csrf }: PageVisitor): Visitor => ({
  isHere,
  isLoggedIn: login !== undefined,
  csrf,
});
