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
import { originOf, type PagePort } from "./addresses.ts";
import { connectSection } from "./connect.ts";
import { compressed } from "./compression.ts";
import { documentOf, POLICY, type Page } from "./document.ts";
import { FarMembers, farMembersOf, throughGroup } from "./far-members.ts";
import { EventStreams } from "./event-streams.ts";
import { logIn, logOut } from "./login.ts";
import { Logins } from "./logins.ts";
import { admitOwnPage } from "./own-page.ts";
import { refuseToken } from "./refuse-token.ts";
import { describe, Statuses } from "./statuses.ts";
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
  readonly hint: () => string | undefined;
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
  readonly #statuses: Statuses;
  readonly #streams: EventStreams;
  readonly #actions: ReadonlyMap<string, Action> = new Map<string, Action>([
    ["status", { methods: READ, answer: (...visit) => this.#tell(...visit) }],
    ["events", { methods: READ, answer: async (...visit) => this.#watch(...visit) }],
    ["call", { methods: ["POST"], answer: (...visit) => this.#call(...visit) }],
    ["login", { methods: ["POST"], answer: (exchange, _, { services }) => logIn(exchange, services(), this.#logins) }],
    ["logout", { methods: ["POST"], answer: (exchange, visitor) => logOut(exchange, visitor, this.#logins) }],
  ]);

  constructor(facts: PageFacts) {
    this.#facts = facts;
    const { startedAt } = facts;
    this.#statuses = new Statuses({ startedAt, lists: this.#lists, members: this.#members });
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
    const { memory, names } = this.#facts;
    const path = pathOf(exchange.req.url);
    const action = this.#actions.get(path.slice(path.lastIndexOf("/_/") + "/_/".length));
    if (!action) throw new GatewayError("not-found", { path, base: baseOf(exchange) });
    const { method, address } = exchange;
    if (!action.methods.includes(method))
      throw new GatewayError("method-not-allowed", { method, allow: action.methods.join(", ") });
    exchange.addHeaders(HEADERS);
    admitOwnPage(exchange, names);
    this.#admit(exchange);
    const visitor = this.#visitors.of(exchange);
    if (visitor.hasToken) await requireKnown(exchange, visitor, port);
    await action.answer(exchange.admit({ id: "page" }, memory.of("page", address)), visitor, port);
  }

  /** Shows all services. @throws GatewayError `rate-limited` */
  async showHub(exchange: Exchange, port: PagePort): Promise<void> {
    this.#admit(exchange);
    const visit = { exchange, visitor: this.#visitors.of(exchange), port };
    const status = await this.#statuses.all(visit, PATIENCE_OF_PAGE);
    const around = { ...surroundingsOf(exchange), all: `${originOf(exchange)}/mcp`, hint: this.#facts.hint() };
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

  /** Shows one service, and the members of a group that have pages of their own elsewhere. @throws GatewayError `rate-limited` */
  async showService(exchange: Exchange, served: Served, port: PagePort): Promise<void> {
    if (farMembersOf(served).length > 0) return this.showHub(exchange, port);
    this.#admit(exchange);
    const visitor = this.#visitors.of(exchange);
    const service = await this.#statuses.of(served, { exchange, visitor, port }, PATIENCE_OF_PAGE);
    const around = surroundingsOf(exchange);
    const hub = port.isHub ? around.base : hubOf(exchange, this.#facts.hubPort());
    const shown = describe(visitor);
    const body = oneServiceView(service, shown, { ...around, hub, connect: await connectSection(service) });
    const reload = service.state === "starting" ? RELOAD_WHILE_STARTING : undefined;
    const page = { title: `${service.name} – Gangway`, body, base: around.base, visitor: shown, reload };
    await show(exchange, page);
  }

  #admit({ client, address }: Exchange): void {
    this.#facts.limits.admitRequest(client, `page at ${address}`, "call");
  }

  async #tell(exchange: AdmittedExchange, visitor: PageVisitor, port: PagePort): Promise<void> {
    const status = await this.#statuses.all({ exchange, visitor, port }, PATIENCE);
    const { body, headers } = await compressed(exchange, Buffer.from(encode(status), "latin1"));
    exchange.json(200, body.toString("latin1"), headers);
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
      const { served, wanted } = routed(readWanted(bytes), services());
      const principal = await visitor.principalAt(served);
      if (!principal) throw new GatewayError("unauthorized", { reason: "no token" });
      exchange.json(200, encode(await tryTool(wanted, served, { exchange, principal })));
    });
  }
}

/** Sends a page. */
async function show(exchange: Exchange, page: Page): Promise<void> {
  const { body, headers } = await compressed(exchange, Buffer.from(documentOf(page)));
  exchange.html(body, POLICY, headers);
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
  const asking = services().filter(({ auth }) => auth.required);
  for (const served of asking) if ((await visitor.principalAt(served)) !== undefined) return;
  if (asking.length > 0) refuseToken(exchange, asking);
}

const hubOf = (exchange: Exchange, port: number | undefined) =>
  port === undefined ? undefined : `http://${(exchange.header("host") ?? "").replace(/:\d+$/, "")}:${port}/`;
