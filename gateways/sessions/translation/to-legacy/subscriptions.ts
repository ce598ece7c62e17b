/** The subscriptions of modern clients in front of a legacy server (MCP 2026-07-28, Subscriptions). */
import { notificationFor } from "../messages.ts";
import { endOfSubscription } from "../../../bridge/answers.ts";
import { META } from "../../../bridge/versions.ts";
import { GatewayError } from "../../../errors.ts";
import { decode, encode, find, type Message } from "../../../jsonrpc.ts";
import type { ModernCaller } from "../../servers/contract.ts";
import { covers, uriOf } from "../../servers/resource-uris.ts";

/** What a client wants to be told of. */
interface Filter {
  readonly toolsListChanged?: boolean;
  readonly promptsListChanged?: boolean;
  readonly resourcesListChanged?: boolean;
  readonly resourceSubscriptions?: readonly string[];
}

interface Subscription {
  readonly caller: ModernCaller;
  /** The id of its request, as it stands in its text. */
  readonly id: string;
  /** What it is told of; nothing before the acknowledgement. */
  filter: Filter;
  /** Resources that it has subscribed to, or is about to. */
  uris: readonly string[];
}

/** What a legacy server declares that it tells of. */
export type Capabilities = Readonly<Record<string, { readonly listChanged?: unknown; readonly subscribe?: unknown }>>;

/** How the server's resources are subscribed to, one by one. */
export interface Resources {
  /** @returns whether the server has agreed */
  subscribe(uri: string): Promise<boolean>;
  unsubscribe(uri: string): void;
}

/** How many subscriptions one client may hold, and how many resources they may name. */
const MAX_LISTENERS = 100;
const MAX_RESOURCES = 1_000;
/** And how many bytes one request that names them may have. */
const MAX_REQUEST_BYTES = 1024 * 1024;

/** The open subscriptions of one client. */
export class Subscriptions {
  readonly #resources: Resources;
  readonly #open = new Map<ModernCaller, Subscription>();

  constructor(resources: Resources) {
    this.#resources = resources;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Opens a subscription. It begins with what the server agreed to tell of. */
  async listen(request: Message, caller: ModernCaller, capabilities: Capabilities): Promise<void> {
    const { length } = request.text;
    if (length > MAX_REQUEST_BYTES)
      return caller.fail(new GatewayError("body-too-large", { limit: MAX_REQUEST_BYTES }));
    const wanted = this.#admit(filterOf(request));
    if (wanted instanceof GatewayError) return caller.fail(wanted);
    if (caller.held?.tryTake(length) === false) return caller.fail(caller.held.refusal("memory-exhausted", length));
    const uris = capabilities["resources"]?.subscribe ? (wanted.resourceSubscriptions ?? []) : [];
    const subscription: Subscription = { caller, id: request.id as string, filter: {}, uris };
    this.#open.set(caller, subscription);
    const agreed = await this.#subscribe(uris);
    if (!this.#open.has(caller)) return; // cancelled meanwhile, and unsubscribed
    subscription.uris = agreed;
    subscription.filter = {
      ...lists(wanted, capabilities),
      ...(agreed.length > 0 && { resourceSubscriptions: agreed }),
    };
    caller.message(acknowledgement(subscription));
  }

  /** @returns whether the caller had a subscription */
  cancel(caller: ModernCaller, reason: GatewayError): boolean {
    const subscription = this.#open.get(caller);
    if (!subscription) return false;
    this.#open.delete(caller);
    this.#leave(subscription.uris);
    caller.fail(reason);
    return true;
  }

  /** Passes a message of the server's on to every subscription that it concerns. */
  tell(message: Message): void {
    for (const { caller, id, filter } of this.#open.values()) {
      if (isAbout(message, filter)) caller.message(notificationFor(id, message));
    }
  }

  /** Ends every subscription in good order. */
  end(): void {
    for (const { caller, id } of this.#open.values()) caller.answer(endOfSubscription(id));
    this.#open.clear();
  }

  #admit(wanted: Filter | undefined): Filter | GatewayError {
    if (!wanted) return new GatewayError("invalid-params", { detail: '"notifications" must be an object' });
    const uris = wanted.resourceSubscriptions ?? [];
    if (!Array.isArray(uris) || uris.some((uri) => typeof uri !== "string")) {
      return new GatewayError("invalid-params", { detail: '"resourceSubscriptions" must be a list of URIs' });
    }
    if (this.size >= MAX_LISTENERS) return new GatewayError("too-many-listeners", { limit: MAX_LISTENERS });
    const tooMany = this.#subscribed().length + uris.length > MAX_RESOURCES;
    return tooMany
      ? new GatewayError("too-many-subscriptions", { limit: MAX_RESOURCES, bytes: MAX_REQUEST_BYTES })
      : wanted;
  }

  /** @returns the uris that the server has agreed to */
  async #subscribe(uris: readonly string[]): Promise<string[]> {
    const agreed = await Promise.all(uris.map((uri) => this.#resources.subscribe(uri)));
    return uris.filter((_, index) => agreed[index]);
  }

  #leave(uris: readonly string[]): void {
    const others = new Set(this.#subscribed());
    for (const uri of uris) if (!others.has(uri)) this.#resources.unsubscribe(uri);
  }

  #subscribed(): string[] {
    return [...this.#open.values()].flatMap(({ uris }) => uris);
  }
}

function filterOf({ text, params }: Message): Filter | undefined {
  const filter = find(text, params, "notifications");
  return filter && text[filter.start] === "{" ? (decode(text, filter) as Filter) : undefined;
}

/** The wanted lists whose changes the server tells of. */
function lists(wanted: Filter, { tools, prompts, resources }: Capabilities): Filter {
  return {
    ...(wanted.toolsListChanged === true && tools?.listChanged === true && { toolsListChanged: true }),
    ...(wanted.promptsListChanged === true && prompts?.listChanged === true && { promptsListChanged: true }),
    ...(wanted.resourcesListChanged === true && resources?.listChanged === true && { resourcesListChanged: true }),
  };
}

function isAbout(message: Message, filter: Filter): boolean {
  switch (message.method) {
    case "notifications/tools/list_changed":
      return filter.toolsListChanged === true;
    case "notifications/prompts/list_changed":
      return filter.promptsListChanged === true;
    case "notifications/resources/list_changed":
      return filter.resourcesListChanged === true;
    case "notifications/resources/updated": {
      const uri = uriOf(message);
      return uri !== undefined && (filter.resourceSubscriptions?.some((own) => covers(own, uri)) ?? false);
    }
    default:
      return false;
  }
}

function acknowledgement({ id, filter }: Subscription): string {
  const method = '"notifications/subscriptions/acknowledged"';
  const params = `{"_meta":{"${META.subscription}":${id}},"notifications":${encode(filter)}}`;
  return `{"jsonrpc":"2.0","method":${method},"params":${params}}`;
}
