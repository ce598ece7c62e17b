/**
 * Who may do what: what a caller's token opens, and what `allow` grants its name and its teams, on top of the tools that a service
 * offers. It stands where sessions and modern requests reach the service, so the way in and the kind of server make no difference.
 */
import { scopeOf, toolScopeOf } from "../../auth/introspection.ts";
import { LISTEN } from "../../bridge/versions.ts";
import type { Tools } from "../../bridge/tools.ts";
import { GatewayError } from "../../errors.ts";
import { find, replace, stringIn, type Message } from "../../jsonrpc.ts";
import type { Logger } from "../../log.ts";
import type { Allow, Principal } from "../../principal.ts";
import { told } from "../../secrets.ts";
import { KINDS, ToolPatterns, type Kind } from "../../tool-patterns.ts";
import { Access } from "./access.ts";
import { filteredList } from "./filtered-list.ts";
import type { ToolFilter } from "./filtered-lane.ts";
import type { Filter } from "./lister.ts";

export interface PermissionsOptions {
  readonly service: string;
  /** What each name and team may use. @default everybody everything */
  readonly allow?: Allow | undefined;
  /**
   * Whether it looks at the patterns of a token. The services behind the hub's own do that with their own names; scopes are the
   * hub's in any case.
   * @default true
   */
  readonly guards?: boolean;
  /** Whether callers may see different lists: then no cache may give one caller's to another. @default false */
  readonly differs?: boolean;
}

/** Methods that anybody may use who may use a service at all; what they tell is filtered, or is about the caller alone. */
const OPEN = /^(initialize|ping|logging\/setLevel|server\/discover|tools\/list|tasks\/\w+|notifications\/.*)$/;

/** Lists, which are empty where nothing in them may be used, and the key of each. */
const LISTS: ReadonlyMap<string, readonly [key: string, kind: Kind]> = new Map([
  ["resources/list", ["resources", "resources"]],
  ["resources/templates/list", ["resourceTemplates", "resources"]],
  ["prompts/list", ["prompts", "prompts"]],
]);

/** Answers that a cache may keep (MCP 2026-07-28, Caching). */
const CACHEABLE: ReadonlySet<string> = new Set(["tools/list", ...LISTS.keys(), "resources/read"]);

const withoutPatterns = ({ tools: _tools, ...principal }: Principal): Principal => principal;

/** A name that a scope may have in it (RFC 6749, section 3.3), and that is no pattern of others. */
const NAMEABLE = /^[#-)+->@-[\]-~][!#-)+->@-[\]-~]*$/;

/** How many characters of the names of a server's tools are told. */
const LONGEST_LIST = 500;

/** What the callers of one service may do. */
export class Permissions implements ToolFilter {
  readonly #options: PermissionsOptions;
  readonly #log: Logger;
  /** By principal: of most tokens there is one object, which every request has. */
  readonly #known = new WeakMap<Principal, Access>();
  #isMatched = false;

  constructor(options: PermissionsOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  /** Whether a principal may use anything at all here. */
  admits(principal: Principal): boolean {
    return !this.#of(principal).isEmpty;
  }

  /** Whether a principal is shown a tool of this name. */
  shows(tool: string, principal: Principal): boolean {
    return this.#of(principal).shows(tool);
  }

  /** It depends on what is asked for alone, so it tells nobody whether the server has that. */
  refusalOf(message: Message, principal: Principal): GatewayError | undefined {
    const access = this.#of(principal);
    if (access.hasExpired) return new GatewayError("unauthorized", { reason: "expired token", detail: EXPIRED });
    if (access.opensAll || message.kind === "response") return undefined;
    const { method } = message;
    if (method === "tools/call") return this.#refusedCall(message, access, principal);
    const kinds = kindsOf(message);
    if (kinds)
      return kinds.map((kind) => this.#refusedKind(kind, access, principal)).find((refusal) => refusal !== undefined);
    return OPEN.test(method) || LISTS.has(method) || method === LISTEN
      ? undefined
      : new GatewayError("method-not-found", { method });
  }

  /** What an answer passes: lists are shorter, and no cache may give them to the next caller. */
  filterOf({ method }: Message, principal: Principal): Filter | undefined {
    if (!CACHEABLE.has(method)) return undefined;
    const access = this.#of(principal);
    if (access.opensAll) return this.#options.differs ? asPrivate : undefined;
    return (answer) => asPrivate(this.#withoutRefused(answer, method, access));
  }

  /** Warns of patterns of `allow` that fit no tool, once the tools are known. */
  checkWith(tools: Tools): void {
    const { allow } = this.#options;
    if (!allow || this.#isMatched) return;
    tools.whenListed((listed) => {
      if (this.#isMatched) return;
      this.#isMatched = true;
      const names = listed.map(({ name }) => name);
      for (const [whom, patterns] of Object.entries(allow)) this.#match(whom, patterns, names);
    });
  }

  #of(principal: Principal): Access {
    const known = this.#known.get(principal);
    if (known) return known;
    const { allow, guards = true } = this.#options;
    const access = new Access(guards ? principal : withoutPatterns(principal), allow);
    this.#known.set(principal, access);
    return access;
  }

  #refusedCall({ text, params }: Message, access: Access, principal: Principal): GatewayError | undefined {
    const tool = stringIn(text, params, "name");
    if (tool === undefined) return new GatewayError("invalid-params", { detail: '"name" must be a string' });
    if (!access.shows(tool)) return new GatewayError("tool-not-offered", { tool });
    return access.isInScope(tool) ? undefined : this.#outOfScope(tool, principal);
  }

  #refusedKind(kind: Kind, access: Access, principal: Principal): GatewayError | undefined {
    if (!access.showsKind(kind)) return new GatewayError("kind-not-allowed", { service: this.#options.service, kind });
    return access.isKindInScope(kind) ? undefined : this.#outOfScope(`@${kind}`, principal);
  }

  /**
   * The scope is told to the client's program, too. Clients ask for what they are told and for no more: what the token opens
   * already is among it, or it would be lost.
   */
  #outOfScope(tool: string, { scopedTools = [] }: Principal): GatewayError {
    const { service } = this.#options;
    const scopes = [...scopedTools, tool].map((pattern) => toolScopeOf(service, pattern));
    const scope = NAMEABLE.test(tool) ? [...new Set(scopes)].join(" ") : scopeOf(service);
    return new GatewayError("insufficient-scope", { tool, scope }, { data: { scope } });
  }

  /** @throws GatewayError `bad-answer` */
  #withoutRefused(answer: string, method: string, access: Access): string {
    const { service } = this.#options;
    if (method === "tools/list") return filteredList(answer, "tools", { service, keeps: (name) => access.shows(name) });
    const [key, kind] = LISTS.get(method) ?? [];
    if (key === undefined || kind === undefined || access.showsKind(kind)) return answer;
    return filteredList(answer, key, { service, keeps: () => false });
  }

  #match(whom: string, patterns: readonly string[], names: readonly string[]): void {
    const ofTools = patterns.filter((pattern) => !KINDS.has(pattern.replace(/^!/, "")) && !/^!?\*$/.test(pattern));
    const has = told(names.join(", ") || "no tools", { limit: LONGEST_LIST });
    for (const pattern of new ToolPatterns(ofTools).unmatchedBy(names))
      this.#log.warn(
        { service: this.#options.service },
        `allow: ${told(whom)}: no tool is called like ${pattern}. The server has ${has}.`,
      );
  }
}

/** How the text of the error goes on where its token has ended. */
const EXPIRED = ": this one has expired";

/** What besides tools a message needs; undefined = nothing. */
function kindsOf(message: Message): readonly Kind[] | undefined {
  const { method, text, params } = message;
  if (LISTS.has(method)) return undefined;
  if (method.startsWith("resources/")) return ["resources"];
  if (method.startsWith("prompts/")) return ["prompts"];
  if (method === "completion/complete") return completed(stringIn(text, params, "ref", "type"));
  if (method !== LISTEN) return undefined;
  const uris = find(text, params, "notifications", "resourceSubscriptions");
  return uris && !/^\[\s*\]$/.test(text.slice(uris.start, uris.end)) ? ["resources"] : undefined;
}

/** What a completion is for. What names neither is for both. */
function completed(type: string | undefined): readonly Kind[] {
  if (type === "ref/resource") return ["resources"];
  return type === "ref/prompt" ? ["prompts"] : ["resources", "prompts"];
}

/** The same, for nobody but its caller. */
function asPrivate(answer: string): string {
  const scope = find(answer, 0, "result", "cacheScope");
  return scope && answer.slice(scope.start, scope.end) !== '"private"' ? replace(answer, scope, '"private"') : answer;
}
