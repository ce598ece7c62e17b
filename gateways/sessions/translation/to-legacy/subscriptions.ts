/** Streams of news that modern clients have opened in front of a legacy server (MCP 2026-07-28, Subscriptions). */
import { notificationFor } from "../messages.ts";
import { endOfSubscription } from "../../../bridge/answers.ts";
import { META } from "../../../bridge/versions.ts";
import { GatewayError } from "../../../errors.ts";
import { decode, encode, find, stringIn, type Message } from "../../../jsonrpc.ts";
import type { ModernCaller } from "../../servers/modern-contract.ts";

/** What a client wants to hear of. */
interface Filter {
  readonly toolsListChanged?: boolean;
  readonly promptsListChanged?: boolean;
  readonly resourcesListChanged?: boolean;
  readonly resourceSubscriptions?: readonly string[];
}

interface Listener {
  readonly caller: ModernCaller;
  /** The id of its request, as it stands in its text. */
  readonly id: string;
  /** What it hears of; nothing before that is acknowledged. */
  filter: Filter;
  /** Resources that it hears of, or is about to. */
  uris: readonly string[];
}

/** What a legacy server says that it tells of. */
export type Capabilities = Readonly<Record<string, { readonly listChanged?: unknown; readonly subscribe?: unknown }>>;

/** The server's resources, which are subscribed to one by one. */
export interface Resources {
  /** @returns whether the server has agreed */
  subscribe(uri: string): Promise<boolean>;
  unsubscribe(uri: string): void;
}

/** Streams of one client at most, and resources that it hears of on them. */
const MAX_LISTENERS = 100;
const MAX_RESOURCES = 1_000;

/** The open streams of one client. */
export class Listeners {
  readonly #resources: Resources;
  readonly #listeners = new Map<ModernCaller, Listener>();

  constructor(resources: Resources) {
    this.#resources = resources;
  }

  get size(): number {
    return this.#listeners.size;
  }

  /** Opens a stream. It begins with what the server agreed to tell of. */
  async listen(request: Message, caller: ModernCaller, capabilities: Capabilities): Promise<void> {
    const wanted = this.#admit(filterOf(request));
    if (wanted instanceof GatewayError) return caller.fail(wanted);
    const uris = capabilities["resources"]?.subscribe ? (wanted.resourceSubscriptions ?? []) : [];
    const listener: Listener = { caller, id: request.id as string, filter: {}, uris };
    this.#listeners.set(caller, listener);
    const heard = await this.#subscribe(uris);
    if (!this.#listeners.has(caller)) return; // gone meanwhile, and unsubscribed
    listener.uris = heard;
    listener.filter = { ...lists(wanted, capabilities), ...(heard.length > 0 && { resourceSubscriptions: heard }) };
    caller.message(acknowledgement(listener));
  }

  /** @returns whether the caller was listening */
  cancel(caller: ModernCaller, reason: GatewayError): boolean {
    const listener = this.#listeners.get(caller);
    if (!listener) return false;
    this.#listeners.delete(caller);
    this.#leave(listener.uris);
    caller.fail(reason);
    return true;
  }

  /** Tells those of a message of the server's that wanted to hear of it. */
  tell(message: Message): void {
    for (const { caller, id, filter } of this.#listeners.values()) {
      if (isAbout(message, filter)) caller.message(notificationFor(id, message));
    }
  }

  /** Ends every stream in good order. */
  end(): void {
    for (const { caller, id } of this.#listeners.values()) caller.answer(endOfSubscription(id));
    this.#listeners.clear();
  }

  #admit(wanted: Filter | undefined): Filter | GatewayError {
    if (!wanted) return new GatewayError("invalid-params", { detail: '"notifications" must be an object' });
    const uris = wanted.resourceSubscriptions ?? [];
    if (!Array.isArray(uris) || uris.some((uri) => typeof uri !== "string")) {
      return new GatewayError("invalid-params", { detail: '"resourceSubscriptions" must be a list of URIs' });
    }
    if (this.size >= MAX_LISTENERS) return new GatewayError("too-many-listeners", { limit: MAX_LISTENERS });
    const tooMany = this.#heard().length + uris.length > MAX_RESOURCES;
    return tooMany ? new GatewayError("too-many-subscriptions", { limit: MAX_RESOURCES }) : wanted;
  }

  /** @returns those that the server tells of */
  async #subscribe(uris: readonly string[]): Promise<string[]> {
    const agreed = await Promise.all(uris.map((uri) => this.#resources.subscribe(uri)));
    return uris.filter((_, index) => agreed[index]);
  }

  #leave(uris: readonly string[]): void {
    const others = new Set(this.#heard());
    for (const uri of uris) if (!others.has(uri)) this.#resources.unsubscribe(uri);
  }

  #heard(): string[] {
    return [...this.#listeners.values()].flatMap(({ uris }) => uris);
  }
}

function filterOf({ text, params }: Message): Filter | undefined {
  const filter = find(text, params, "notifications");
  return filter && text[filter.start] === "{" ? (decode(text, filter) as Filter) : undefined;
}

/** Those of the wanted lists whose changes the server tells of. */
function lists(wanted: Filter, { tools, prompts, resources }: Capabilities): Filter {
  return {
    ...(wanted.toolsListChanged === true && tools?.listChanged === true && { toolsListChanged: true }),
    ...(wanted.promptsListChanged === true && prompts?.listChanged === true && { promptsListChanged: true }),
    ...(wanted.resourcesListChanged === true && resources?.listChanged === true && { resourcesListChanged: true }),
  };
}

function isAbout({ method, text, params }: Message, filter: Filter): boolean {
  switch (method) {
    case "notifications/tools/list_changed":
      return filter.toolsListChanged === true;
    case "notifications/prompts/list_changed":
      return filter.promptsListChanged === true;
    case "notifications/resources/list_changed":
      return filter.resourcesListChanged === true;
    case "notifications/resources/updated": {
      const uri = stringIn(text, params, "uri");
      return uri !== undefined && (filter.resourceSubscriptions?.some((own) => covers(own, uri)) ?? false);
    }
    default:
      return false;
  }
}

/** News of a resource may be of one below it (MCP 2025-11-25, schema, "ResourceUpdatedNotification"). */
export const covers = (subscribed: string, uri: string): boolean =>
  uri === subscribed || uri.startsWith(subscribed.endsWith("/") ? subscribed : `${subscribed}/`);

function acknowledgement({ id, filter }: Listener): string {
  const method = '"notifications/subscriptions/acknowledged"';
  const params = `{"_meta":{"${META.subscription}":${id}},"notifications":${encode(filter)}}`;
  return `{"jsonrpc":"2.0","method":${method},"params":${params}}`;
}
