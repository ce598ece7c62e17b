/** What browsers are shown of a gateway, and what the script of its page asks for. */
import { GatewayError } from "../errors.ts";
import type { Address } from "../health.ts";
import { encode } from "../jsonrpc.ts";
import type { HostNames } from "../limits/host-and-origin.ts";
import type { Limits } from "../limits/limits.ts";
import type { Logger } from "../log.ts";
import type { MemoryBudget } from "../memory-budget.ts";
import type { Served } from "../served.ts";
import type { Service } from "../sessions/service.ts";
import { requireJson, withBody } from "../transports/body.ts";
import { baseOf, pathOf, type AdmittedExchange, type Exchange } from "../transports/exchange.ts";
import type { Heartbeat } from "../transports/heartbeat.ts";
import { VERSION } from "../version.ts";
import { originOf, urlOf, type PagePort } from "./addresses.ts";
import { connectSection } from "./connect.ts";
import { compressed } from "./compression.ts";
import { documentOf, POLICY, type Page } from "./document.ts";
import { behind, FarMembers, farMembersOf, throughGroup } from "./far-members.ts";
import { EventStreams } from "./event-streams.ts";
import { logIn, logOut } from "./login.ts";
import { Logins } from "./logins.ts";
import { admitOwnPage } from "./own-page.ts";
import { refuseToken } from "./refuse-token.ts";
import { detailsOf, outlineOf } from "./service-status.ts";
import type { GatewayStatus, ServiceStatus, Visitor } from "./status.ts";
import { surroundingsOf } from "./surroundings.ts";
import { ToolLists } from "./tool-lists.ts";
import { readWanted, tryTool, type Wanted } from "./try-tool.ts";
import { hubView, oneServiceView } from "./view/pages.ts";
import { Visitors, type PageVisitor } from "./visitor.ts";

/** Milliseconds that the script of a page waits for the tools of a service: what comes later is told as an event. */
const PATIENCE = 1_500;

/** Milliseconds that the page itself waits for them: it should be there at once. */
const PATIENCE_OF_PAGE = 50;

/** Seconds after which a browser without scripts loads a page again. */
const RELOAD_WHILE_STARTING = 2;

/** How many bytes a try of a tool may have. */
const LONGEST_CALL = 1024 * 1024;

/** What the pages know of their gateway. */
export interface PageFacts {
  readonly startedAt: Date;
  readonly names: HostNames;
  /** For whoever looks at the page: each call of a tool counts at its service, too. */
  readonly limits: Limits;
  readonly memory: MemoryBudget;
  readonly heartbeat: Heartbeat;
  readonly log: Logger;
  /** What to do where there is no service yet. */
  readonly hint?: string | undefined;
  /** Where a service is reached from this machine. */
  readonly addressOf: (service: Service) => Address;
  /** The port of the hub; undefined = there is none. */
  readonly hubPort: () => number | undefined;
}

/** One of the page's own paths. */
interface Action {
  readonly methods: readonly string[];
  answer(exchange: AdmittedExchange, visitor: PageVisitor, port: PagePort): Promise<void>;
}

const READ = ["GET", "HEAD"];

/** The pages of one gateway. */
export class GatewayPage {
  readonly #facts: PageFacts;
  readonly #logins = new Logins();
  readonly #visitors = new Visitors(this.#logins);
  readonly #lists = new ToolLists();
  readonly #members = new FarMembers();
  readonly #streams: EventStreams;
  readonly #actions: ReadonlyMap<string, Action> = new Map<string, Action>([
    ["status", { methods: READ, answer: async (...visit) => tell(visit[0], await this.#status(...visit)) }],
    ["events", { methods: READ, answer: async (...visit) => this.#watch(...visit) }],
    ["call", { methods: ["POST"], answer: (...visit) => this.#call(...visit) }],
    ["login", { methods: ["POST"], answer: (exchange, _, { services }) => logIn(exchange, services, this.#logins) }],
    ["logout", { methods: ["POST"], answer: (exchange, visitor) => logOut(exchange, visitor, this.#logins) }],
  ]);

  constructor(facts: PageFacts) {
    this.#facts = facts;
    this.#streams = new EventStreams({
      lists: this.#lists,
      members: this.#members,
      heartbeat: facts.heartbeat,
      log: facts.log,
    });
  }

  /** Ends the streams of those who watch. */
  stop(): void {
    this.#streams.stop();
  }

  /** Answers a request for one of the page's own paths. @throws GatewayError */
  async answer(exchange: Exchange, port: PagePort): Promise<void> {
    const { limits, memory, names } = this.#facts;
    const path = pathOf(exchange.req.url);
    const action = this.#actions.get(path.slice(path.lastIndexOf("/_/") + "/_/".length));
    if (!action) throw new GatewayError("not-found", { path, base: baseOf(exchange) });
    const { method, address } = exchange;
    if (!action.methods.includes(method))
      throw new GatewayError("method-not-allowed", { method, allow: action.methods.join(", ") });
    exchange.addHeaders(HEADERS);
    admitOwnPage(exchange, names);
    limits.admitRequest(exchange.client, `page at ${address}`, "call");
    const visitor = this.#visitors.of(exchange);
    if (visitor.hasToken) await requireKnown(exchange, visitor, port);
    await action.answer(exchange.admit({ id: "page" }, memory.of("page", address)), visitor, port);
  }

  /** Shows all services. */
  async showHub(exchange: Exchange, port: PagePort): Promise<void> {
    const status = await this.#status(exchange, this.#visitors.of(exchange), port, PATIENCE_OF_PAGE);
    const around = { ...surroundingsOf(exchange), all: `${originOf(exchange)}/mcp`, hint: this.#facts.hint };
    const isStarting = status.services.some(({ state }) => state === "starting");
    const reload = isStarting ? RELOAD_WHILE_STARTING : undefined;
    const page = {
      title: "Gangway",
      body: hubView(status, around),
      base: around.base,
      visitor: status.visitor,
      reload,
    };
    await show(exchange, page);
  }

  /** Shows one service, and the members of a group that have pages of their own elsewhere. */
  async showService(exchange: Exchange, served: Served, port: PagePort): Promise<void> {
    if (farMembersOf(served).length > 0) return this.showHub(exchange, port);
    const visitor = this.#visitors.of(exchange);
    const service = await this.#statusOf(served, exchange, visitor, port, PATIENCE_OF_PAGE);
    const around = surroundingsOf(exchange);
    const hub = port.isHub ? around.base : hubOf(exchange, this.#facts.hubPort());
    const shown = describe(visitor);
    const body = oneServiceView(service, shown, { ...around, hub, connect: await connectSection(service) });
    const reload = service.state === "starting" ? RELOAD_WHILE_STARTING : undefined;
    const page = { title: `${service.name} – Gangway`, body, base: around.base, visitor: shown, reload };
    await show(exchange, page);
  }

  async #status(exchange: Exchange, visitor: PageVisitor, port: PagePort, patience = PATIENCE): Promise<GatewayStatus> {
    const services = port.services.map((served) => this.#statusesOf(served, exchange, visitor, port, patience));
    return {
      gateway: { version: VERSION, startedAt: this.#facts.startedAt.toISOString() },
      visitor: describe(visitor),
      services: (await Promise.all(services)).flat(),
    };
  }

  /** A service, and its members where they run in gateways of their own. */
  async #statusesOf(
    served: Served,
    exchange: Exchange,
    visitor: PageVisitor,
    port: PagePort,
    patience: number,
  ): Promise<[ServiceStatus, ...ServiceStatus[]]> {
    const own = await this.#statusOf(served, exchange, visitor, port, patience);
    const members = own.details === undefined ? [] : await this.#members.settled(served);
    return [own, ...members.map((member) => behind(own, member))];
  }

  async #statusOf(
    served: Served,
    exchange: Exchange,
    visitor: PageVisitor,
    port: PagePort,
    patience: number,
  ): Promise<ServiceStatus> {
    void served.service.isReady(); // for the next one who asks
    const knows = await visitor.knows(served);
    const mayCall = (await visitor.principalAt(served)) !== undefined;
    const outline = outlineOf(served, { url: urlOf(served, exchange, port), knows, mayCall });
    if (!knows) return outline;
    this.#lists.of(served); // asks for the tools
    await this.#lists.settled(served, patience);
    const list = this.#lists.of(served);
    const tools = list && { tools: list.tools, ...(list.more > 0 && { moreTools: list.more }) };
    return { ...outline, details: { ...detailsOf(served), ...tools } };
  }

  #watch(exchange: AdmittedExchange, visitor: PageVisitor, port: PagePort): void {
    if (!exchange.acceptsStream) throw new GatewayError("not-acceptable", { types: "text/event-stream" });
    if (exchange.method === "HEAD") return exchange.empty(200, { "content-type": "text/event-stream" });
    this.#streams.open(exchange, visitor, port);
  }

  async #call(exchange: AdmittedExchange, visitor: PageVisitor, { services }: PagePort): Promise<void> {
    requireJson(exchange);
    visitor.requireOwnPage(exchange.header("x-csrf-token"));
    await withBody(exchange, LONGEST_CALL, async (bytes) => {
      const { served, wanted } = routed(readWanted(bytes), services);
      const principal = await visitor.principalAt(served);
      if (!principal) throw new GatewayError("unauthorized", { reason: "no token" });
      exchange.json(200, encode(await tryTool(wanted, served, { exchange, principal })));
    });
  }
}

async function show(exchange: Exchange, page: Page): Promise<void> {
  const { body, headers } = await compressed(exchange, Buffer.from(documentOf(page)));
  exchange.html(body, POLICY, headers);
}

async function tell(exchange: Exchange, status: GatewayStatus): Promise<void> {
  const { body, headers } = await compressed(exchange, Buffer.from(encode(status), "latin1"));
  exchange.json(200, body.toString("latin1"), headers);
}

/** The service that a try is for, which may be behind a group. @throws GatewayError `no-such-service` */
function routed(wanted: Wanted, services: readonly Served[]): { readonly served: Served; readonly wanted: Wanted } {
  const served = services.find(({ service }) => service.name === wanted.service);
  if (served) return { served, wanted };
  const { served: group, ...through } = throughGroup(services, wanted.service, wanted.tool) ?? {};
  if (group) return { served: group, wanted: { ...wanted, ...through } };
  const names = services.map(({ service }) => service.name).join(", ");
  throw new GatewayError("no-such-service", { path: wanted.service, services: names });
}

const HEADERS = {
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

/** A token that opens nothing is a failed login here as elsewhere. @throws GatewayError `unauthorized` */
async function requireKnown(exchange: Exchange, visitor: PageVisitor, { services }: PagePort): Promise<void> {
  const asking = services.filter(({ auth }) => auth.required);
  for (const served of asking) if ((await visitor.principalAt(served)) !== undefined) return;
  if (asking.length > 0) refuseToken(exchange, asking);
}

/** What a page may know of who looks at it. */
const describe = ({ isHere, login, csrf }: PageVisitor): Visitor => ({ isHere, isLoggedIn: login !== undefined, csrf });

const hubOf = (exchange: Exchange, port: number | undefined) =>
  port === undefined ? undefined : `http://${(exchange.header("host") ?? "").replace(/:\d+$/, "")}:${port}/`;
